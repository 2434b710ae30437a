/** The shortest configuration that shows each problem: for the reference, and for the test of the messages. */
import { allProblems } from '../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import type { Overrides } from '../../lib/config/overrides.ts';
import type { ProblemCode } from '../../lib/config/issues/problem-codes.ts';
import type { Problem } from '../../lib/config/issues/problem.ts';

interface Fragments {
  readonly prefect?: string;
  readonly limits?: string;
  readonly endpoint?: string;
  readonly logs?: string;
  readonly table?: string;
  readonly sources?: string;
  readonly routes?: string;
  /** In place of all of the above. */
  readonly text?: string;
  readonly overrides?: Overrides;
}

const ARN = 'arn:aws:sqs:eu-central-1:123456789012';

const VALID = {
  prefect: '{ apiUrl: https://prefect.internal/api, auth: none }',
  sources: `{ jobs: { type: sqs, queueArn: ${ARN}:jobs } }`,
  routes: '{ work: { from: [jobs], run: { deployment: work/prod } } }',
};

const hook = (fields: string): string => `{ jobs: { type: http, path: /jobs, verify: iam, ${fields} } }`;
const verified = (verify: string): string => `{ jobs: { type: http, path: /jobs, verify: ${verify} } }`;
const queue = (fields: string): string => `{ jobs: { type: sqs, queueArn: ${ARN}:jobs, ${fields} } }`;
const bus = (fields: string): string => `{ jobs: { type: eventbridge, ${fields} } }`;
const CERTIFICATE = 'arn:aws:acm:eu-central-1:123456789012:certificate/0b6b5e1c';
const CLUSTER = 'arn:aws:kafka:eu-central-1:123456789012:cluster/orders/0b6b5e1c-2';
const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret';
const kafka = (fields: string): string => `{ jobs: { type: kafka, ${fields} } }`;
const msk = (fields: string): string => kafka(`cluster: "${CLUSTER}", topics: [jobs], auth: iam, ${fields}`);
const mskAuth = (auth: string): string => kafka(`cluster: "${CLUSTER}", topics: [jobs], auth: ${auth}`);
const brokers = (fields: string): string =>
  kafka(`bootstrapServers: ["kafka.internal:9092"], topics: [jobs], ${fields}`);
const route = (fields: string): string =>
  `{ work: { from: [jobs], run: { deployment: work/prod }, ${fields} } }`;
const run = (fields: string): string =>
  `{ work: { from: [jobs], run: { deployment: work/prod, ${fields} } } }`;

/** More sources than an alarm has metrics for. */
const MANY = Array.from('abcdefghijk');

export const PROBLEM_EXAMPLES: Readonly<Record<ProblemCode, Fragments>> = {
  'yaml-syntax': { text: 'sources: [jobs' },
  'yaml-duplicate-key': { text: 'sources: {}\nsources: {}' },
  'yaml-multiple-documents': { text: 'sources: {}\n---\nroutes: {}' },
  'yaml-aliases': { text: 'sources: &all { jobs: *all }' },
  'unknown-field': { routes: route('wehn: event.type == "a"') },
  'missing-field': { routes: '{ work: { from: [jobs], run: {} } }' },
  'wrong-type': { sources: queue('queue: { maxConcurrency: many }') },
  'unknown-value': { sources: queue('format: jsn') },
  'empty': { routes: '{}' },
  'invalid-name': { routes: '{ Process_Orders: { from: [jobs], run: { deployment: work/prod } } }' },
  'missing-unit': { sources: queue('function: { timeout: 60 }') },
  'invalid-duration': { sources: queue('function: { timeout: 1 minute }') },
  'invalid-size': { sources: queue('function: { memory: 512MB }') },
  'out-of-range': { sources: queue('function: { timeout: 20m }') },
  'invalid-percentage': { logs: '{ outcomes: { sampled: one percent } }' },
  'invalid-table-name': { table: '{ existing: my table }' },
  'invalid-url': { prefect: '{ apiUrl: prefect.internal, auth: none }' },
  'invalid-header': { prefect: `{ apiUrl: https://prefect.internal/api, auth: none, headers: { host: a } }` },
  'invalid-secret': { prefect: `{ apiUrl: https://prefect.internal/api, auth: { secret: my secret } }` },
  'invalid-http-path': { sources: '{ jobs: { type: http, path: /jobs/, verify: iam } }' },
  'invalid-queue-arn': { sources: '{ jobs: { type: sqs, queueArn: jobs } }' },
  'invalid-event-bus': { sources: bus('bus: my bus, pattern: { source: [shop] }') },
  'invalid-event-pattern': { sources: bus('pattern: { detailType: [Order Paid] }') },
  'metadata-needs-custom-bus': {
    sources: bus('bus: shop, pattern: { source: [a] }, metadata: { tenant: [acme] }'),
  },
  'invalid-filter-criteria': { sources: queue('filterCriteria: [{ body: { type: order.paid } }]') },
  'filter-cannot-see-data': {
    sources: msk(
      'format: avro, schemaRegistry: { type: glue, region: eu-central-1 }, filterCriteria: [{ value: { a: [1] } }]',
    ),
  },
  'invalid-domain-name': {
    sources: hook(''),
    endpoint: `{ domains: { "https://events.example.com": { certificate: "${CERTIFICATE}" } } }`,
  },
  'invalid-certificate-arn': {
    sources: hook(''),
    endpoint: '{ domains: { events.example.com: { certificate: events } } }',
  },
  'invalid-truststore': {
    sources: hook(''),
    endpoint: `{ domains: { events.example.com: { certificate: "${CERTIFICATE}", mutualTls: { truststore: clients.pem } } } }`,
  },
  'mtls-needs-domain': { sources: verified('{ scheme: mtls }') },
  'endpoint-unreachable': { sources: hook(''), endpoint: '{ disableExecuteApiEndpoint: true }' },
  'invalid-cluster-arn': { sources: kafka('cluster: orders, topics: [jobs], auth: iam') },
  'invalid-bootstrap-server': {
    sources: kafka('bootstrapServers: [kafka.internal], topics: [jobs], auth: none'),
  },
  'invalid-topic': { sources: kafka(`cluster: "${CLUSTER}", topics: [jobs/new], auth: iam`) },
  'invalid-key-arn': {
    sources: mskAuth(`{ scheme: mtls, secret: "${SECRET}:kafka-a1B2c3", kmsKey: alias/kafka }`),
  },
  'invalid-consumer-group': { sources: msk('consumerGroup: my group') },
  'invalid-kafka-auth-value': {
    sources: brokers(`auth: { scheme: oauth, secret: "${SECRET}:kafka-a1B2c3", scope: read write }`),
  },
  'invalid-time': { sources: msk('startingPosition: { at: 2026-01-31 }') },
  'invalid-vpc-id': {
    sources: brokers('auth: none, vpc: { subnets: [private], securityGroups: [sg-01234567] }'),
  },
  'invalid-region': { sources: msk('schemaRegistry: { type: glue, region: frankfurt }') },
  'invalid-registry-url': { sources: msk('schemaRegistry: { type: confluent, url: "registry:8081" }') },
  'invalid-event-type': { sources: queue('eventType: order paid') },
  'invalid-deployment': { routes: '{ work: { from: [jobs], run: { deployment: work } } }' },
  'invalid-parameter-name': { routes: run('parameters: { order-ids: events }') },
  'invalid-tag': { routes: run('tags: [""]') },
  'reserved-tag': { routes: run('tags: [prefect.flow]') },
  'too-many-tags': { routes: run('tags: [a, b, c, d, e, f, g, h, i, j, k]') },
  'invalid-work-queue': { routes: run('workQueue: a/b') },
  'allow-list-missing': { routes: run('jobVariables: { image: event.data.image }') },
  'too-many-sources-for-alarm': {
    sources: `{ ${MANY.map((name) => `${name}: { type: sqs, queueArn: ${ARN}:${name} }`).join(', ')} }`,
    routes: route('expect: { within: 1h }').replace('jobs', MANY.join(', ')),
  },
  'invalid-cron': { routes: route('coalesce: { mode: window, at: "cron(0 2 * * *)" }') },
  'invalid-zone': { routes: route('coalesce: { mode: window, at: "cron(0 2 * * ? *)", zone: Berlin }') },
  'window-has-two-ends': {
    routes: route('coalesce: { mode: window, at: "cron(0 2 * * ? *)", maxWait: 1h }'),
  },
  'empty-run-not-supported-yet': {
    routes: route('coalesce: { mode: window, at: "cron(0 2 * * ? *)", emptyRun: true }'),
  },
  'event-not-in-mode': {
    routes: route('coalesce: { mode: invocation }').replace('work/prod', 'work/prod, name: event.id'),
  },
  'window-not-in-mode': { routes: run('parameters: { day: string(window.start) }') },
  'invalid-expression': { routes: route('when: event.tpye == "a"') },
  'header-not-listed': {
    sources: hook('headers: [X-Tenant]'),
    routes: route(`when: 'event.headers["x-region"] == "blue"'`),
  },
  'unknown-source': { routes: '{ work: { from: [jobs, job], run: { deployment: work/prod } } }' },
  'repeated-source': { routes: '{ work: { from: [jobs, jobs], run: { deployment: work/prod } } }' },
  'duplicate-http-path': {
    sources:
      '{ jobs: { type: http, path: /jobs, verify: iam }, more: { type: http, path: /jobs, verify: iam } }',
    routes: '{ work: { from: [jobs, more], run: { deployment: work/prod } } }',
  },
  'duplicate-queue': {
    sources: `{ jobs: { type: sqs, queueArn: ${ARN}:jobs }, more: { type: sqs, queueArn: ${ARN}:jobs } }`,
    routes: '{ work: { from: [jobs, more], run: { deployment: work/prod } } }',
  },
  'kafka-cluster-choice': { sources: kafka('topics: [jobs], auth: none') },
  'iam-needs-msk': { sources: brokers('auth: iam') },
  'auth-not-on-msk': { sources: mskAuth(`{ scheme: plain, secret: "${SECRET}:kafka-a1B2c3" }`) },
  'serverless-needs-iam': {
    sources: kafka(`cluster: "${CLUSTER.replace('-2', '-s2')}", topics: [jobs], auth: none`),
  },
  'msk-secret-name': { sources: mskAuth(`{ scheme: scram-512, secret: "${SECRET}:kafka-a1B2c3" }`) },
  'secret-needs-arn': { sources: mskAuth('{ scheme: mtls, secret: kafka }') },
  'self-managed-only': { sources: msk('vpc: { subnets: [subnet-01234567], securityGroups: [sg-01234567] }') },
  'repeated-topic': { sources: kafka(`cluster: "${CLUSTER}", topics: [jobs, jobs], auth: iam`) },
  'consumer-group-per-topic': {
    sources: kafka(`cluster: "${CLUSTER}", topics: [jobs, more], auth: iam, consumerGroup: sluice`),
  },
  'duplicate-consumer-group': {
    sources: `{ jobs: { type: kafka, cluster: "${CLUSTER}", topics: [jobs], auth: iam, consumerGroup: a }, more: { type: kafka, cluster: "${CLUSTER}", topics: [more], auth: iam, consumerGroup: a } }`,
    routes: '{ work: { from: [jobs, more], run: { deployment: work/prod } } }',
  },
  'kafka-timeout-too-long': { sources: msk('function: { timeout: 15m }') },
  'capacity-range': { table: '{ provisioned: { minWriteUnits: 500, maxWriteUnits: 50 } }' },
  'existing-table-setting': { table: '{ existing: orders, pointInTimeRecovery: false }' },
  'poller-range': { sources: msk('provisioned: { minPollers: 20 }') },
  'format-needs-registry': { sources: msk('format: avro') },
  'partial-failures-are-automatic': { sources: msk('reportBatchItemFailures: true') },
  'retry-limits-unsupported': { sources: msk('maximumRetryAttempts: 5') },
  'no-on-failure-destination': { sources: msk('onFailure: "arn:aws:s3:::failed"') },
  'invalid-public-url': { sources: verified('{ scheme: twilio, secret: a, url: http://a.example }') },
  'invalid-jwt-url': {
    sources: verified('{ scheme: jwt, issuer: a.example, audience: a, jwksUrl: https://a.example/keys }'),
  },
  'invalid-topic-arn': { sources: verified('{ scheme: sns, topics: [orders] }') },
  'invalid-webhook-origin': { sources: hook('webhookOrigins: ["https://eventgrid.azure.net"]') },
  'invalid-handshake-name': { sources: hook('handshake: { method: GET, query: "a b" }') },
  'handshake-built-in': {
    sources: `{ jobs: { type: http, path: /jobs, verify: { scheme: dropbox, secret: s }, handshake: { method: GET, query: challenge } } }`,
  },
  'handshake-challenge': { sources: hook('handshake: { method: GET }') },
  'sender-needs-empty-response': {
    sources: `{ jobs: { type: http, path: /jobs, verify: { scheme: xero, secret: s }, respond: accepted } }`,
  },
  'invalid-signed-content': {
    sources: verified('{ scheme: hmac, secret: a, header: X-Sig, signed: "{boddy}" }'),
  },
  'unsigned-timestamp': {
    sources: verified('{ scheme: hmac, secret: a, header: X-Sig, timestampHeader: X-Time }'),
  },
  'verify-missing': { sources: '{ jobs: { type: http, path: /jobs } }' },
  'batch-needs-window': { sources: queue('queue: { batchSize: 100, batchWindow: 0s }') },
  'fifo-batch-size': {
    sources: `{ jobs: { type: sqs, queueArn: ${ARN}:jobs.fifo, order: strict, queue: { batchSize: 100 } } }`,
  },
  'fifo-batch-window': {
    sources: `{ jobs: { type: sqs, queueArn: ${ARN}:jobs.fifo, order: strict, queue: { batchWindow: 1s } } }`,
  },
  'order-needs-fifo': { sources: queue('order: strict') },
  'coalesce-option-not-in-mode': { routes: route('coalesce: { mode: none, maxEvents: 10 }') },
  'wait-shorter-than-quiet': {
    routes: route('coalesce: { mode: debounce, quiet: 30s, maxWait: 10s }'),
  },
  'windows-do-not-overlap': { routes: route('coalesce: { mode: sliding, size: 5m, every: 5m }') },
  'every-must-divide-size': { routes: route('coalesce: { mode: sliding, size: 1h, every: 25m }') },
  'too-many-windows': { routes: route('coalesce: { mode: sliding, size: 1h, every: 10s }') },
  'batch-too-large': { routes: route('coalesce: { mode: invocation, maxBytes: 2MiB }') },
  'retention-shorter-than-wait': {
    sources: queue('retention: 1d'),
    routes: route('dedupe: { retention: 2d }, coalesce: { mode: window, maxWait: 3d }'),
  },
  'request-timeout-too-long': { sources: queue('function: { timeout: 15s }') },
  'respond-before-run': {
    sources: hook('respond: run'),
    routes: route('coalesce: { mode: window, maxWait: 1m }'),
  },
  'respond-wait-too-long': {
    sources: hook('respond: { mode: run, maxWait: 20s }, function: { timeout: 20s }'),
  },
  'cloud-needs-auth': {
    prefect:
      '{ apiUrl: https://api.prefect.cloud/api/accounts/a/workspaces/b, auth: none, budget: { plan: pro } }',
  },
  'unknown-override': { overrides: { queueArns: { jbos: `${ARN}:other` } } },
  'budget-needs-figure': {
    prefect: '{ apiUrl: https://prefect.internal/api, auth: none, budget: { mode: observe } }',
  },
  'on-no-worker-not-supported-yet': { routes: run('onNoWorker: hold') },
  'retention-close-to-wait': {
    sources: queue('retention: 1d'),
    routes: route('dedupe: { retention: 2d }, coalesce: { mode: window, maxWait: 36h }'),
  },
  'retention-shorter-than-redelivery': { routes: route('dedupe: { retention: 1d }') },
  'msk-secret-key': { sources: mskAuth(`{ scheme: scram-512, secret: "${SECRET}:AmazonMSK_a-a1B2c3" }`) },
  'sender-needs-certificate': {
    sources: verified('{ scheme: github, secret: a }'),
    endpoint: `{ disableExecuteApiEndpoint: true, domains: { events.example.com: { certificate: "${CERTIFICATE}", mutualTls: { truststore: s3://example-trust/clients.pem } } } }`,
  },
  'endpoint-without-source': {
    endpoint: `{ domains: { events.example.com: { certificate: "${CERTIFICATE}" } } }`,
  },
  'fifo-order-relaxed': { sources: `{ jobs: { type: sqs, queueArn: ${ARN}:jobs.fifo } }` },
  'too-many-resources': {
    sources: `{ jobs: { type: sqs, queueArn: ${ARN}:jobs }, ${Array.from({ length: 24 }, (_, index) => `hook-${index}: { type: http, path: /hook-${index}, verify: iam }`).join(', ')} }`,
    routes: `{ work: { from: [jobs, ${Array.from({ length: 24 }, (_, index) => `hook-${index}`).join(', ')}], run: { deployment: work/prod } } }`,
  },
  'loopback-address': { prefect: '{ apiUrl: http://127.0.0.1:4200/api, auth: none }' },
  'emulator-account': {
    sources: '{ jobs: { type: sqs, queueArn: arn:aws:sqs:us-east-1:000000000000:jobs } }',
  },
  'latest-misses-events': { sources: msk('startingPosition: LATEST') },
  'impossible-event-type': {
    sources: verified('{ scheme: github, secret: a }'),
    routes: route(`when: 'event.type == "push"'`),
  },
  'number-in-quotes': { routes: route(`when: "event.data.total == '5'"`) },
  'source-without-route': {
    sources: `{ jobs: { type: sqs, queueArn: ${ARN}:jobs }, more: { type: sqs, queueArn: ${ARN}:more } }`,
  },
  'budget-of-smallest-plan': {
    prefect: '{ apiUrl: https://api.prefect.cloud/api/accounts/a/workspaces/b, auth: { secret: a } }',
  },
  'unusual-api-url': { prefect: '{ apiUrl: https://prefect.internal, auth: none }' },
  'plaintext-credentials': { prefect: '{ apiUrl: http://prefect.internal/api, auth: { secret: a } }' },
};

export function exampleText({ text, ...fragments }: Fragments): string {
  if (text !== undefined) return text;
  const { prefect, sources, routes, ...optional }: Omit<Fragments, 'text'> = {
    ...VALID,
    ...fragments,
  };
  const lines = [`prefect: ${prefect}`, `sources: ${sources}`, `routes: ${routes}`];
  for (const field of ['limits', 'endpoint', 'logs', 'table'] as const) {
    if (optional[field] !== undefined) lines.push(`${field}: ${optional[field]}`);
  }
  return `${lines.join('\n')}\n`;
}

/** All problems of an example, reported for a file called sluice.yaml. */
export function exampleProblems(example: Fragments): readonly Problem[] {
  const result = loadConfigText(exampleText(example), 'sluice.yaml', example.overrides);
  return allProblems(result);
}
