import { describe, expect, it } from 'vitest';
import { pathText, PROBLEM_CODES, severityOf } from '../../../lib/config/problem.ts';
import { reportProblem } from '../../../lib/config/problem-report.ts';
import { exampleProblems, PROBLEM_EXAMPLES } from '../../../scripts/configuration/problem-examples.ts';

const MESSAGES: Readonly<Record<keyof typeof PROBLEM_CODES, string>> = {
  'yaml-syntax':
    'sluice.yaml:1:15 yaml-syntax: found text that is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ] — correct the line, or put the text into quotation marks',
  'yaml-duplicate-key':
    'sluice.yaml:2:1 yaml-duplicate-key: found the key sources a second time — remove one of them',
  'yaml-multiple-documents':
    'sluice.yaml:2:1 yaml-multiple-documents: found a second document (---) — put each configuration into a file of its own',
  'yaml-aliases':
    'sluice.yaml:1:1 yaml-aliases: found aliases that contain themselves or expand more than 100 times — write the values out',
  'unknown-field':
    'sluice.yaml:3:65 unknown-field routes.work.wehn: found the unknown field wehn — did you mean when?',
  'missing-field':
    'sluice.yaml:3:33 missing-field routes.work.run.deployment: found nothing — add it, for example deployment: process-orders/prod',
  'wrong-type':
    'sluice.yaml:2:110 wrong-type sources.jobs.queue.maxConcurrency: found the text "many" — write a whole number',
  'unknown-value':
    'sluice.yaml:2:93 unknown-value sources.jobs.format: found the text "jsn" — did you mean json?',
  'empty': 'sluice.yaml:3:9 empty routes: found no entries — add at least one route',
  'bad-name':
    'sluice.yaml:3:11 bad-name routes.Process_Orders: found the name "Process_Orders" — write 1 to 40 lower-case letters, digits and hyphens, a letter first',
  'missing-unit':
    'sluice.yaml:2:106 missing-unit sources.jobs.function.timeout: found the number 60 — write it with a unit, for example 60s',
  'bad-duration':
    'sluice.yaml:2:106 bad-duration sources.jobs.function.timeout: found the text "1 minute" — write a number and a unit: 500ms, 10s, 5m, 2h, 15d, or ISO 8601 as in PT10S',
  'bad-size':
    'sluice.yaml:2:105 bad-size sources.jobs.function.memory: found the text "512MB" — write a number and a unit: 512B, 400KiB, 1MiB or 2GiB',
  'out-of-range':
    'sluice.yaml:2:106 out-of-range sources.jobs.function.timeout: found the text "20m" — write 5s to 15m',
  'bad-url':
    'sluice.yaml:1:20 bad-url prefect.apiUrl: found the text "prefect.internal" — write a whole URL, for example https://prefect.internal/api',
  'bad-header':
    'sluice.yaml:1:73 bad-header prefect.headers.host: found the header name "host" — leave it out: Sluice sets this header itself',
  'bad-secret':
    'sluice.yaml:1:66 bad-secret prefect.auth.secret: found the text "my secret" — write the name or the ARN of the secret',
  'bad-http-path':
    'sluice.yaml:2:38 bad-http-path sources.jobs.path: found the text "/jobs/" — write a path such as /orders: segments of letters, digits and . _ ~ -, no slash at the end',
  'bad-queue-arn':
    'sluice.yaml:2:41 bad-queue-arn sources.jobs.queueArn: found the text "jobs" — write the ARN of the queue, for example arn:aws:sqs:eu-central-1:123456789012:jobs',
  'bad-event-bus':
    'sluice.yaml:2:44 bad-event-bus sources.jobs.bus: found the text "my bus" — write the name or the ARN of the bus, for example orders',
  'bad-event-pattern':
    'sluice.yaml:2:48 bad-event-pattern sources.jobs.pattern: found the field detailType, which no event has — did you mean detail-type?',
  'bad-domain-name':
    'sluice.yaml:4:24 bad-domain-name endpoint.domains.https://events.example.com: found the name "https://events.example.com" — write a whole domain name in lower case, for example events.example.com',
  'bad-certificate-arn':
    'sluice.yaml:4:59 bad-certificate-arn endpoint.domains.events.example.com.certificate: found the text "events" — write the ARN of the certificate: arn:aws:acm:<region>:<account>:certificate/<id>',
  'bad-truststore':
    'sluice.yaml:4:146 bad-truststore endpoint.domains.events.example.com.mutualTls.truststore: found the text "clients.pem" — write where it is in S3, for example s3://example-trust/clients.pem',
  'mtls-needs-domain':
    'sluice.yaml:2:45 mtls-needs-domain sources.jobs.verify: found scheme mtls and no domain with mutualTls — add endpoint: { domains: { events.example.com: { certificate: arn:…, mutualTls: { truststore: s3://… } } } }',
  'endpoint-unreachable':
    'sluice.yaml:4:40 endpoint-unreachable endpoint.disableExecuteApiEndpoint: found true and no domains — remove it, or add domains: { events.example.com: { certificate: arn:… } }',
  'bad-cluster-arn':
    'sluice.yaml:2:42 bad-cluster-arn sources.jobs.cluster: found the text "orders" — write the ARN of the MSK cluster: arn:aws:kafka:<region>:<account>:cluster/<name>/<id>',
  'bad-bootstrap-server':
    'sluice.yaml:2:52 bad-bootstrap-server sources.jobs.bootstrapServers[0]: found the text "kafka.internal" — write host:port of a broker, without a protocol, for example broker-1.example.com:9096',
  'bad-topic':
    'sluice.yaml:2:120 bad-topic sources.jobs.topics[0]: found the topic "jobs/new" — write 2 to 249 letters, digits and . _ -, no dot first (what AWS Lambda accepts)',
  'bad-key-arn':
    'sluice.yaml:2:237 bad-key-arn sources.jobs.auth.kmsKey: found the text "alias/kafka" — write the ARN of the key (not of an alias): arn:aws:kms:<region>:<account>:key/<id>',
  'bad-consumer-group':
    'sluice.yaml:2:153 bad-consumer-group sources.jobs.consumerGroup: found the consumer group "my group" — write 1 to 200 letters, digits and - / * : _ + = . @',
  'bad-time':
    'sluice.yaml:2:162 bad-time sources.jobs.startingPosition.at: found the text "2026-01-31" — write a time with its zone (RFC 3339), for example 2026-01-31T00:00:00Z',
  'bad-vpc-id':
    'sluice.yaml:2:121 bad-vpc-id sources.jobs.vpc.subnets[0]: found the text "private" — write the id of a subnet, subnet-…',
  'bad-region':
    'sluice.yaml:2:176 bad-region sources.jobs.schemaRegistry.region: found the text "frankfurt" — write the name of an AWS region, for example eu-central-1',
  'bad-registry-url':
    'sluice.yaml:2:178 bad-registry-url sources.jobs.schemaRegistry.url: found the text "registry:8081" — write a whole URL, for example https://registry.example.com',
  'bad-event-type':
    'sluice.yaml:2:96 bad-event-type sources.jobs.eventType: found the text "order paid" — write 1 to 255 printable ASCII characters without spaces, for example com.example.order.paid',
  'bad-deployment':
    'sluice.yaml:3:52 bad-deployment routes.work.run.deployment: found the text "work" — write <flow name>/<deployment name>, neither of them with / % & < >',
  'bad-parameter-name':
    'sluice.yaml:3:77 bad-parameter-name routes.work.run.parameters.order-ids: found the parameter name "order-ids" — write the name of a parameter of the flow function: letters, digits and _',
  'bad-tag': 'sluice.yaml:3:70 bad-tag routes.work.run.tags[0]: found the tag "" — write 1 to 100 characters',
  'reserved-tag':
    'sluice.yaml:3:70 reserved-tag routes.work.run.tags[0]: found the tag "prefect.flow" — choose one that does not start with prefect. or sluice.',
  'too-many-tags': 'sluice.yaml:3:69 too-many-tags routes.work.run.tags: found 11 tags — keep at most 10',
  'bad-expression':
    'sluice.yaml:3:77 bad-expression routes.work.when: found the expression "event.tpye == \\"a\\"" — mend it at character 7: Event has no field \'tpye\'; it has id, source, type, subject, time, datacontenttype, dataschema, data, data_base64, tombstone, extensions, origin',
  'unknown-source':
    'sluice.yaml:3:32 unknown-source routes.work.from[1]: found the unknown source job — did you mean jobs?',
  'repeated-source':
    'sluice.yaml:3:32 repeated-source routes.work.from[1]: found the source jobs a second time — remove it',
  'duplicate-http-path':
    'sluice.yaml:2:86 duplicate-http-path sources.more.path: found /jobs, which source jobs has already — change it, or name jobs in the routes of more',
  'duplicate-queue':
    'sluice.yaml:2:116 duplicate-queue sources.more.queueArn: found arn:aws:sqs:eu-central-1:123456789012:jobs, which source jobs has already — change it, or name jobs in the routes of more',
  'kafka-cluster-choice':
    'sluice.yaml:2:12 kafka-cluster-choice sources.jobs: found neither cluster nor bootstrapServers — add cluster: <ARN of an MSK cluster>, or bootstrapServers: [<host:port>, …] of any other',
  'iam-needs-msk':
    'sluice.yaml:2:98 iam-needs-msk sources.jobs.auth: found iam for a self-managed cluster — write { scheme: scram-512, secret: … }, plain, scram-256 or mtls, or name an MSK cluster by its ARN',
  'auth-not-on-msk':
    'sluice.yaml:2:143 auth-not-on-msk sources.jobs.auth.scheme: found plain for an MSK cluster — write scram-512 or mtls, or auth: iam',
  'serverless-needs-iam':
    'sluice.yaml:2:134 serverless-needs-iam sources.jobs.auth: found auth: none for a serverless cluster — write auth: iam, which is all that MSK Serverless knows',
  'msk-secret-name':
    'sluice.yaml:2:162 msk-secret-name sources.jobs.auth.secret: found a secret called kafka — make one whose name starts with AmazonMSK_, under a key of your own, and associate it with the cluster',
  'secret-needs-arn':
    'sluice.yaml:2:157 secret-needs-arn sources.jobs.auth.secret: found kafka — write the whole ARN as Secrets Manager shows it, with the hyphen and six characters at its end',
  'self-managed-only':
    'sluice.yaml:2:138 self-managed-only sources.jobs.vpc: found vpc beside an MSK cluster — remove it: Lambda connects from the subnets and with the security groups of the cluster',
  'repeated-topic':
    'sluice.yaml:2:126 repeated-topic sources.jobs.topics[1]: found the topic jobs a second time — remove it',
  'consumer-group-per-topic':
    'sluice.yaml:2:159 consumer-group-per-topic sources.jobs.consumerGroup: found one group for 2 topics, which are 2 event source mappings — leave it out, or make a source with a group of its own for each topic',
  'duplicate-consumer-group':
    'sluice.yaml:2:299 duplicate-consumer-group sources.more.consumerGroup: found a, which source jobs has already — write another one, or leave it out',
  'kafka-timeout-too-long':
    'sluice.yaml:2:159 kafka-timeout-too-long sources.jobs.function.timeout: found 900s for a Kafka source — write 14m or less',
  'poller-range':
    'sluice.yaml:2:151 poller-range sources.jobs.provisioned: found at least 20 and at most 10 pollers — write a maxPollers of 20 or more',
  'format-needs-registry':
    'sluice.yaml:2:146 format-needs-registry sources.jobs.format: found avro and no schemaRegistry — add schemaRegistry: { type: confluent, url: … } or { type: glue, region: … }',
  'partial-failures-are-automatic':
    'sluice.yaml:2:138 partial-failures-are-automatic sources.jobs.reportBatchItemFailures: found the field reportBatchItemFailures — remove it; write provisioned: { minPollers: 1 } to have partial failures, which on-demand pollers cannot take',
  'retries-are-endless':
    'sluice.yaml:2:138 retries-are-endless sources.jobs.maximumRetryAttempts: found the field maximumRetryAttempts — remove it: what is wrong with an event itself goes to the dead-letter queue at once, all else is tried again',
  'no-on-failure-destination':
    'sluice.yaml:2:138 no-on-failure-destination sources.jobs.onFailure: found the field onFailure — remove it: the function sends each event that cannot become a flow run to a dead-letter queue, with the reason',
  'bad-public-url':
    'sluice.yaml:2:87 bad-public-url sources.jobs.verify.url: found the text "http://a.example" — write the URL that the sender was given, without a query: https://hooks.example.com/twilio',
  'bad-jwt-url':
    'sluice.yaml:2:76 bad-jwt-url sources.jobs.verify.issuer: found the text "a.example" — write a whole https:// URL without a query',
  'bad-topic-arn':
    'sluice.yaml:2:77 bad-topic-arn sources.jobs.verify.topics[0]: found the text "orders" — write the ARN of the topic, for example arn:aws:sns:eu-central-1:123456789012:orders',
  'bad-webhook-origin':
    'sluice.yaml:2:75 bad-webhook-origin sources.jobs.webhookOrigins[0]: found the text "https://eventgrid.azure.net" — write the name that the sender gives itself, for example eventgrid.azure.net, or "*" for any',
  'bad-signed-content':
    'sluice.yaml:2:103 bad-signed-content sources.jobs.verify.signed: found {boddy} — write it with {body}, and {timestamp}, {id} and {url} where they are signed, each once',
  'unsigned-timestamp':
    'sluice.yaml:2:112 unsigned-timestamp sources.jobs.verify.timestampHeader: found a timestamp that is not part of signed — remove it: whoever sends a captured request again writes a new one',
  'verify-missing':
    'sluice.yaml:2:12 verify-missing sources.jobs.verify: found nothing — add verify: { scheme: bearer, secret: … } or verify: iam; verify: none leaves the endpoint open to anybody',
  'batch-needs-window':
    'sluice.yaml:2:123 batch-needs-window sources.jobs.queue.batchWindow: found 0s beside a batchSize of 100 — write 1s or more, or a batchSize of at most 10',
  'fifo-batch-size':
    'sluice.yaml:2:110 fifo-batch-size sources.jobs.queue.batchSize: found 100 for a FIFO queue — write 1 to 10',
  'fifo-batch-window':
    'sluice.yaml:2:112 fifo-batch-window sources.jobs.queue.batchWindow: found 1s for a FIFO queue — remove it',
  'coalesce-option-not-in-mode':
    'sluice.yaml:3:89 coalesce-option-not-in-mode routes.work.coalesce.maxEvents: found maxEvents, which belongs to mode invocation, window, debounce or sliding, beside mode none — remove it, or write mode: invocation',
  'wait-shorter-than-quiet':
    'sluice.yaml:3:114 wait-shorter-than-quiet routes.work.coalesce.maxWait: found 10s, less than quiet (30s) — write 30s or more, or a quiet of at most 10s',
  'windows-do-not-overlap':
    'sluice.yaml:3:109 windows-do-not-overlap routes.work.coalesce.every: found 5m beside a size of 5m — write less than 5m, or mode: window with a maxWait, whose windows do not overlap',
  'uneven-windows':
    'sluice.yaml:3:109 uneven-windows routes.work.coalesce.every: found 25m, which does not divide the size of 1h — write one that does, or a size of 50m or 75m',
  'too-many-windows':
    'sluice.yaml:3:109 too-many-windows routes.work.coalesce.every: found 10s: 360 windows for each event — write 36s or more, or a size of at most 1000s',
  'batch-too-large':
    'sluice.yaml:3:105 batch-too-large routes.work.coalesce.maxBytes: found 2048KiB, more than Prefect takes — write 500KiB or less, or run.overflow: s3, with which larger batches go to S3',
  'retain-shorter-than-wait':
    'sluice.yaml:3:83 retain-shorter-than-wait routes.work.dedupe.retain: found 2d, and an event may be in an open window for 3d — write 4d or more, or a shorter maxWait',
  'request-timeout-too-long':
    'sluice.yaml:2:106 request-timeout-too-long sources.jobs.function.timeout: found 15s, less than twice prefect.requestTimeout (10s) — write 20s or more, or shorten prefect.requestTimeout',
  'respond-before-run':
    'sluice.yaml:2:67 respond-before-run sources.jobs.respond: found run, and the route work keeps events in windows — remove it, or give the route work a source of its own',
  'respond-wait-too-long':
    'sluice.yaml:2:67 respond-wait-too-long sources.jobs.respond: found a wait of 20s beside function.timeout: 20s — write function: { timeout: 24s } or more, or a shorter maxWait',
  'cloud-needs-auth':
    'sluice.yaml:1:81 cloud-needs-auth prefect.auth: found none beside the URL of Prefect Cloud — store {"apiKey": "…"} in Secrets Manager and write auth: { secret: <its name> }',
  'unknown-override':
    'unknown-override overrides.queueArns.jbos: found a queue for jbos — did you mean jobs?',
  'budget-not-supported-yet':
    'sluice.yaml:1:62 budget-not-supported-yet prefect.budget: found the field budget — not supported yet by this version; leave it out, and bound the load with queue.maxConcurrency',
  'on-no-worker-not-supported-yet':
    'sluice.yaml:3:63 on-no-worker-not-supported-yet routes.work.run.onNoWorker: found the field onNoWorker — not supported yet by this version; leave it out: runs wait in Prefect until a worker is there',
  'retain-close-to-wait':
    'sluice.yaml:3:83 warning retain-close-to-wait routes.work.dedupe.retain: found 2d, and an event may be in an open window for 36h — write 3d or more, or a shorter maxWait',
  'retain-shorter-than-redelivery':
    'sluice.yaml:3:83 warning retain-shorter-than-redelivery routes.work.dedupe.retain: found 1d, and the source jobs may deliver an event again after 14d — write 15d or more, or say how long the queue keeps messages: retention on the source',
  'msk-secret-key':
    'sluice.yaml:2:162 warning msk-secret-key sources.jobs.auth.secret: found a secret and not the key that encrypts it — add kmsKey: <its ARN>, unless the policy of the key lets the function decrypt already',
  'sender-needs-certificate':
    'sluice.yaml:2:45 warning sender-needs-certificate sources.jobs.verify: found scheme github, and a client certificate is asked for on every way in — add a domain without mutualTls, or remove disableExecuteApiEndpoint, unless this sender has one',
  'endpoint-without-source':
    'sluice.yaml:4:13 warning endpoint-without-source endpoint.domains: found domains and no source of type http — remove them: without such a source there is no endpoint',
  'latest-misses-events':
    'sluice.yaml:2:156 warning latest-misses-events sources.jobs.startingPosition: found LATEST, with which records are lost that are written while Lambda makes the mapping — write { at: <a time just before the deployment> }, or TRIM_HORIZON for all that the topic holds',
  'source-without-route':
    'sluice.yaml:2:87 warning source-without-route sources.more: found the source more, which no route reads — name it under from in a route, or remove it',
  'unusual-api-url':
    'sluice.yaml:1:20 warning unusual-api-url prefect.apiUrl: found a URL that does not end in /api — write https://prefect.internal/api unless the server has a base path of its own',
  'api-key-in-the-clear':
    'sluice.yaml:1:20 warning api-key-in-the-clear prefect.apiUrl: found http:// beside auth.secret — write https://, or see to it that nobody else is on the way to the server',
};

describe('problems', () => {
  it.each(Object.entries(PROBLEM_EXAMPLES))('reports %s with its place and its mend', (code, example) => {
    const reports = exampleProblems(example).map((problem) => reportProblem(problem));
    expect(reports).toEqual([Object.entries(MESSAGES).find(([known]) => known === code)?.[1]]);
  });

  it('has a severity and a meaning for each code', () => {
    for (const [severity, meaning] of Object.values(PROBLEM_CODES)) {
      expect(['error', 'warning']).toContain(severity);
      expect(meaning).toMatch(/^[A-Z].+[.?]$/);
    }
    expect(severityOf('source-without-route')).toBe('warning');
  });

  it('writes paths as they are read', () => {
    expect(pathText(['routes', 'work', 'run', 'tags', 2])).toBe('routes.work.run.tags[2]');
    expect(pathText([])).toBe('');
  });
});
