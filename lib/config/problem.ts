/**
 * What can be wrong with a configuration. Codes are stable: tools may match on them. The table is the source
 * of the reference in docs/configuration.md; a warning does not stop a deployment.
 */
export const PROBLEM_CODES = {
  'yaml-syntax': ['error', 'The file is not YAML 1.2.'],
  'yaml-duplicate-key': ['error', 'A map has the same key twice; one of them would be lost.'],
  'yaml-multiple-documents': ['error', 'The file holds more than one YAML document.'],
  'yaml-aliases': ['error', 'Aliases expand without bound, or refer to a map that they are part of.'],
  'unknown-field': ['error', 'A field that Sluice does not know.'],
  'missing-field': ['error', 'A mandatory field is absent.'],
  'wrong-type': ['error', 'A value of another kind is expected: a map, a list, a text, a whole number.'],
  'unknown-value': ['error', 'A text that is none of those allowed.'],
  'empty': ['error', 'There must be at least one entry.'],
  'invalid-name': [
    'error',
    'The name of a source or a route is not one that AWS resources can be named after.',
  ],
  'missing-unit': ['error', 'A duration or a size without a unit: 10 what?'],
  'invalid-duration': ['error', 'A text that is not a duration, or not a whole number of the needed unit.'],
  'invalid-size': ['error', 'A text that is not a size in bytes, or not a whole number of the needed unit.'],
  'out-of-range': ['error', 'A number, duration, size or text that is smaller or larger than allowed.'],
  'invalid-url': ['error', 'Not the URL of a Prefect API.'],
  'invalid-header': ['error', 'A header name or value that HTTP or Sluice does not allow.'],
  'invalid-secret': ['error', 'Not the name or the ARN of a secret in AWS Secrets Manager.'],
  'invalid-http-path': ['error', 'Not a path that an HTTP API can serve as it is.'],
  'invalid-queue-arn': ['error', 'Not the ARN of an SQS queue.'],
  'invalid-event-bus': ['error', 'Not the name or the ARN of an event bus.'],
  'invalid-event-pattern': ['error', 'A pattern that EventBridge refuses, or that no event can match.'],
  'invalid-domain-name': ['error', 'Not the name of a domain that API Gateway can serve.'],
  'invalid-certificate-arn': ['error', 'Not the ARN of a certificate in AWS Certificate Manager.'],
  'invalid-truststore': ['error', 'Not an object in S3, or not a version of one.'],
  'mtls-needs-domain': [
    'error',
    'Client certificates are asked for on a domain with mutual TLS only, and there is none (API Gateway).',
  ],
  'endpoint-unreachable': ['error', "API Gateway's own address is off, and no domain leads to the endpoint."],
  'invalid-cluster-arn': ['error', 'Not the ARN of an MSK cluster.'],
  'invalid-bootstrap-server': ['error', 'Not host and port of a Kafka broker.'],
  'invalid-topic': ['error', 'Not the name of a Kafka topic that AWS Lambda reads.'],
  'invalid-key-arn': ['error', 'Not the ARN of a KMS key.'],
  'invalid-consumer-group': ['error', 'Not a consumer group id that AWS Lambda accepts.'],
  'invalid-time': ['error', 'Not a time with its zone.'],
  'invalid-vpc-id': ['error', 'Not the id of a subnet or a security group.'],
  'invalid-region': ['error', 'Not the name of an AWS region.'],
  'invalid-registry-url': ['error', 'Not the URL of a schema registry.'],
  'invalid-event-type': ['error', 'Not a CloudEvents type.'],
  'invalid-deployment': ['error', 'Not `<flow name>/<deployment name>` as Prefect accepts them.'],
  'invalid-parameter-name': ['error', 'Not the name of a parameter of a Python function.'],
  'invalid-tag': ['error', 'A tag that is empty, too long or there twice.'],
  'reserved-tag': ['error', 'A tag of a name space that belongs to Prefect or Sluice.'],
  'too-many-tags': ['error', 'More tags than a flow run can carry safely.'],
  'invalid-expression': [
    'error',
    'A CEL expression that does not parse, does not type-check or cannot work.',
  ],
  'unknown-source': ['error', 'A route names a source that is not there.'],
  'repeated-source': ['error', 'A route names the same source twice.'],
  'duplicate-http-path': ['error', 'Two HTTP sources have the same path.'],
  'duplicate-queue': [
    'error',
    'Two SQS sources read the same queue: each event would reach only one of them.',
  ],
  'kafka-cluster-choice': [
    'error',
    'A Kafka source names an MSK cluster or the brokers of another one, and not both.',
  ],
  'iam-needs-msk': ['error', 'Only MSK authenticates by IAM.'],
  'auth-not-on-msk': ['error', 'MSK does not know this way to authenticate (AWS Lambda).'],
  'serverless-needs-iam': ['error', 'MSK Serverless authenticates by IAM only.'],
  'msk-secret-name': ['error', 'MSK takes credentials only from secrets called `AmazonMSK_…`.'],
  'secret-needs-arn': ['error', "Lambda's Kafka pollers are given secrets by their whole ARN."],
  'self-managed-only': ['error', 'A field that belongs to self-managed clusters, beside an MSK cluster.'],
  'repeated-topic': ['error', 'A Kafka source names the same topic twice.'],
  'consumer-group-per-topic': [
    'error',
    'Each topic is an event source mapping, and each mapping needs a consumer group of its own (AWS Lambda).',
  ],
  'duplicate-consumer-group': ['error', 'Two Kafka sources have the same consumer group.'],
  'kafka-timeout-too-long': ['error', 'A function that reads Kafka may run for 14 minutes (AWS Lambda).'],
  'poller-range': ['error', 'Fewer pollers at most than at least.'],
  'format-needs-registry': ['error', 'A format whose schemas have to be looked up, and no registry.'],
  'partial-failures-are-automatic': [
    'error',
    'Partial failures are reported whenever the pollers can take them: with `provisioned`.',
  ],
  'retry-limits-unsupported': [
    'error',
    'Lambda would drop events after so many retries or so long a time, which a Prefect that is down reaches.',
  ],
  'no-on-failure-destination': [
    'error',
    'With a destination Lambda gives up after 10 retries, although nothing is wrong with the events.',
  ],
  'invalid-public-url': ['error', 'Not the URL of an endpoint as a sender is given it.'],
  'invalid-jwt-url': ['error', 'Not the URL of an issuer of JWTs, or of its keys.'],
  'invalid-topic-arn': ['error', 'Not the ARN of an SNS topic.'],
  'invalid-webhook-origin': ['error', 'Not a name that a sender of CloudEvents can give itself.'],
  'invalid-signed-content': [
    'error',
    'Not what an HMAC can be about, or a part of it has no header to come from.',
  ],
  'unsigned-timestamp': ['error', 'A timestamp that is not signed protects from nothing.'],
  'verify-missing': ['error', 'An HTTP source does not say how its requests are verified.'],
  'batch-needs-window': [
    'error',
    'SQS batches of more than 10 need a batch window of 1 s or more (AWS Lambda).',
  ],
  'fifo-batch-size': ['error', 'A FIFO queue delivers at most 10 messages at a time (AWS Lambda).'],
  'fifo-batch-window': ['error', 'A FIFO queue has no batch window (AWS Lambda).'],
  'order-needs-fifo': ['error', 'A standard queue delivers messages in no order that could be kept.'],
  'coalesce-option-not-in-mode': ['error', 'An option of another coalescing mode.'],
  'wait-shorter-than-quiet': [
    'error',
    'A window of mode `debounce` would be closed by `maxWait` before it could be quiet for `quiet`.',
  ],
  'windows-do-not-overlap': [
    'error',
    'Windows of mode `sliding` cover more time than passes from one to the next.',
  ],
  'every-must-divide-size': ['error', 'A sliding window consists of whole steps: `every` divides `size`.'],
  'too-many-windows': ['error', 'An event is in at most 100 sliding windows.'],
  'batch-too-large': ['error', 'More bytes in a flow run than Prefect takes, and no `run.overflow: s3`.'],
  'retention-shorter-than-wait': [
    'error',
    'A claim would be forgotten while its event still waits: a duplicate would come into the same window.',
  ],
  'request-timeout-too-long': ['error', 'A request to Prefect may take as long as the function may run.'],
  'respond-before-run': [
    'error',
    'Requests would be answered before their events can be in a flow run: `respond: run` is for routes without windows, and waits longer than the queue.',
  ],
  'respond-wait-too-long': ['error', 'A function cannot wait for flow runs for as long as it may run.'],
  'cloud-needs-auth': ['error', 'Prefect Cloud without credentials.'],
  'unknown-override': ['error', 'A value given at synth for something that the configuration does not have.'],
  'budget-not-supported-yet': ['error', 'The request budget comes with a later version.'],
  'on-no-worker-not-supported-yet': ['error', 'Waiting for workers comes with a later version.'],
  'retention-close-to-wait': [
    'warning',
    'A window is flushed late while Prefect cannot be reached; its claims should outlive that by a day.',
  ],
  'retention-shorter-than-redelivery': [
    'warning',
    'An event may be delivered again after its claim was forgotten, and then start a second flow run.',
  ],
  'msk-secret-key': [
    'warning',
    'MSK takes secrets only under a customer managed key, which Lambda has to be allowed to decrypt with.',
  ],
  'sender-needs-certificate': [
    'warning',
    'Whoever sends to this source has to show a client certificate first, which senders of webhooks cannot.',
  ],
  'endpoint-without-source': ['warning', 'There are domains for an endpoint that nothing is sent to.'],
  'fifo-order-relaxed': [
    'warning',
    'After a failure, flow runs of one message group may be created out of order: the queue is FIFO, and the source does not say whether that matters.',
  ],
  'loopback-address': ['warning', 'An address of the machine itself, which a Lambda function cannot reach.'],
  'emulator-account': ['warning', 'The account 000000000000 exists on local emulators of AWS only.'],
  'latest-misses-events': [
    'warning',
    'Records that are written while Lambda makes or changes the event source mapping are not read.',
  ],
  'source-without-route': ['warning', 'No route reads this source: all of its events would be filtered.'],
  'unusual-api-url': ['warning', 'Most Prefect servers answer below /api.'],
  'plaintext-credentials': ['warning', 'Credentials travel over plain HTTP.'],
} as const satisfies Readonly<Record<string, readonly ['error' | 'warning', string]>>;

export type ProblemCode = keyof typeof PROBLEM_CODES;
export type Severity = 'error' | 'warning';

export type ProblemPath = readonly (string | number)[];

/** Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** Where in the configuration, for example `routes.process-orders.run.tags[2]`; empty: the whole of it. */
  readonly path: string;
  /** Where it is written; null when the configuration is not a file, or the value did not come from it. */
  readonly position: Position | null;
  /** What was found, to be read after the word "found". */
  readonly found: string;
  /** What to do about it, as an imperative. */
  readonly fix: string;
}

/** A problem that has not been located in a file yet. */
export interface ConfigIssue {
  readonly code: ProblemCode;
  readonly at: ProblemPath;
  /** Whether the key or the value at `at` is meant. */
  readonly anchor: 'key' | 'value';
  /** UTF-16 units from the start of the text at `at`, where only a part of it is meant. */
  readonly offset?: number;
  readonly found: string;
  readonly fix: string;
}

export function severityOf(code: ProblemCode): Severity {
  return PROBLEM_CODES[code][0];
}

export function pathText(path: ProblemPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
