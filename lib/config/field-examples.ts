/** Examples of fields, for the fixes of problems. */
import type { ProblemPath } from './issues/config-issue.ts';

const EXAMPLES: Readonly<Record<string, string>> = {
  prefect: 'prefect: { apiUrl: …, auth: … }',
  apiUrl: 'apiUrl: https://prefect.internal/api',
  auth: 'auth: { secret: sluice/prefect }, or auth: none for a server without credentials',
  secret: 'secret: sluice/prefect',
  sources: 'sources: { jobs: { type: sqs, queueArn: … } }',
  type: 'type: http',
  path: 'path: /orders',
  scheme: 'scheme: bearer',
  queueArn: 'queueArn: arn:aws:sqs:eu-central-1:123456789012:jobs',
  certificate: 'certificate: arn:aws:acm:eu-central-1:123456789012:certificate/…',
  truststore: 'truststore: s3://example-trust/clients.pem',
  pattern: 'pattern: { source: [com.example.shop] }',
  routes: 'routes: { process-orders: { from: [jobs], run: … } }',
  from: 'from: [jobs]',
  mode: 'mode: invocation',
  maxWait: 'maxWait: 1m',
  quiet: 'quiet: 10s',
  size: 'size: 10m',
  every: 'every: 1m',
  run: 'run: { deployment: process-orders/prod }',
  deployment: 'deployment: process-orders/prod',
  value: 'value: events.map(e, e.data)',
};

/** The same for fields of Kafka sources: those below the field named here, and the field itself. */
const KAFKA_EXAMPLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  auth: {
    auth: 'auth: iam, or auth: { scheme: scram-512, secret: arn:… }',
    scheme: 'scheme: scram-512',
    secret: 'secret: arn:aws:secretsmanager:eu-central-1:123456789012:secret:AmazonMSK_orders-a1B2c3',
  },
  rootCa: { secret: 'secret: arn:aws:secretsmanager:eu-central-1:123456789012:secret:kafka-ca-a1B2c3' },
  schemaRegistry: {
    type: 'type: confluent',
    url: 'url: https://registry.example.com',
    region: 'region: eu-central-1',
  },
  startingPosition: { at: 'at: 2026-01-31T00:00:00Z' },
  topics: { topics: 'topics: [orders]' },
  vpc: { subnets: 'subnets: [subnet-…]', securityGroups: 'securityGroups: [sg-…]' },
};

/** Maps that people write as a text. */
const MAP_EXAMPLES: Readonly<Record<string, string>> = {
  prefect: 'prefect: { apiUrl: …, auth: … }',
  coalesce: 'coalesce: { mode: invocation }',
  dedupe: 'dedupe: { key: event.data.orderId }',
  run: 'run: { deployment: process-orders/prod }',
  parameters: 'parameters: { events: events }',
  queue: 'queue: { batchSize: 10 }',
  function: 'function: { timeout: 60s }',
};

const COALESCE_EXAMPLES: Readonly<Record<string, string>> = {
  none: 'coalesce: { mode: none }',
  invocation: 'coalesce: { mode: invocation }',
  window: 'coalesce: { mode: window, maxWait: 1m }',
  debounce: 'coalesce: { mode: debounce, quiet: 10s, maxWait: 1m }',
  sliding: 'coalesce: { mode: sliding, size: 10m, every: 1m }',
};

/** Object forms that are accepted where an enum is expected. */
const OBJECT_FORMS: Readonly<Record<string, readonly string[]>> = {
  'prefect.auth': ['{ secret: … }'],
  'sources.auth': ['{ scheme: scram-512, secret: … }'],
  'sources.startingPosition': ['{ at: … }'],
  'sources.respond': ['{ mode: run, maxWait: 10s }'],
  'sources.verify': ['{ scheme: bearer, secret: … }'],
};

/** Return an example of a mandatory field, or null for a field of the user's own naming. */
export function exampleOf(at: ProblemPath): string | null {
  const field = String(at.at(-1) ?? '');
  const kafka = at[0] === 'sources' ? KAFKA_EXAMPLES[String(at[2])] : undefined;
  return kafka?.[field] ?? EXAMPLES[field] ?? null;
}

/** Return how to write a map where `value` was found. */
export function mapFix(at: ProblemPath, value: unknown): string {
  const field = String(at.at(-1) ?? '');
  const ofMode = field === 'coalesce' && typeof value === 'string' ? COALESCE_EXAMPLES[value] : undefined;
  const example = ofMode ?? (Object.hasOwn(MAP_EXAMPLES, field) ? MAP_EXAMPLES[field] : undefined);
  return example === undefined ? 'write a map' : `write a map, for example ${example}`;
}

/** Return how to write a list where `value` was found: mostly a list of just that. */
export function listFix(at: ProblemPath, value: unknown): string {
  const field = String(at.at(-1) ?? '');
  if (typeof value === 'string' && /^[\w./:-]{1,80}$/.test(value)) {
    return `write a list: ${field}: [${/^[A-Za-z][\w./-]*$/.test(value) ? value : `"${value}"`}]`;
  }
  const example = exampleOf(at);
  return example === null ? 'write a list' : `write a list, for example ${example}`;
}

export function objectForms(at: ProblemPath): readonly string[] {
  return OBJECT_FORMS[`${String(at[0])}.${String(at.at(-1))}`] ?? [];
}
