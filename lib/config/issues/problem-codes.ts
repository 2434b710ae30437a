/**
 * Everything that can be wrong with a configuration. Codes are stable: tools may match on them. The table is the
 * source of the reference in docs/configuration.md. A warning does not stop a deployment.
 */
export const PROBLEM_CODES = {
  'yaml-syntax': ['error', 'The file is not YAML 1.2.'],
  'yaml-duplicate-key': ['error', 'A map has the same key twice; one of them would be lost.'],
  'yaml-multiple-documents': ['error', 'The file holds more than one YAML document.'],
  'yaml-aliases': [
    'error',
    'An alias has no anchor, refers to a map that it is part of, or expands without bound.',
  ],
  'unknown-field': ['error', 'Sluice has no field of this name here.'],
  'missing-field': ['error', 'A mandatory field is absent.'],
  'wrong-type': ['error', 'A value of another type is expected: a map, a list, a text, a whole number.'],
  'unknown-value': ['error', 'A text that is not one of those allowed.'],
  'empty': ['error', 'There must be at least one entry.'],
  'invalid-name': ['error', 'AWS resources cannot be named after this source or route.'],
  'missing-unit': ['error', 'A duration or a size without a unit: 10 what?'],
  'invalid-duration': ['error', 'Not a duration, or not a whole number of the unit that is needed.'],
  'invalid-size': ['error', 'Not a size in bytes, or not a whole number of the unit that is needed.'],
  'out-of-range': ['error', 'A number, duration, size or text that is smaller or larger than allowed.'],
  'invalid-percentage': ['error', 'Not a number with a percent sign.'],
  'invalid-table-name': ['error', 'Not the name of a DynamoDB table.'],
  'invalid-url': ['error', 'Not the URL of a Prefect API.'],
  'invalid-header': ['error', 'A header name or value that HTTP or Sluice does not allow.'],
  'invalid-secret': ['error', 'Not the name or the ARN of a secret in AWS Secrets Manager.'],
  'invalid-http-path': ['error', 'Not a path that an HTTP API can serve as it is.'],
  'invalid-queue-arn': ['error', 'Not the ARN of an SQS queue.'],
  'invalid-event-bus': ['error', 'Not the name or the ARN of an event bus.'],
  'invalid-event-pattern': ['error', 'A pattern that no event can match, or that does not list its values.'],
  'metadata-needs-custom-bus': [
    'error',
    'Only events of a custom bus of `AWS::EventsV2` have metadata that a filter can see.',
  ],
  'invalid-filter-criteria': ['error', 'A filter that Lambda refuses, or that no event can pass.'],
  'filter-cannot-see-data': [
    'error',
    'Lambda reads data as JSON or text: with another format it would discard every event.',
  ],
  'invalid-domain-name': ['error', 'Not the name of a domain that API Gateway can serve.'],
  'invalid-certificate-arn': ['error', 'Not the ARN of a certificate in AWS Certificate Manager.'],
  'invalid-truststore': ['error', 'Not an object in S3, or not a version of one.'],
  'mtls-needs-domain': [
    'error',
    'API Gateway requests client certificates only on a domain with mutual TLS, and there is no such domain.',
  ],
  'endpoint-unreachable': ['error', "API Gateway's own address is off, and no domain leads to the endpoint."],
  'invalid-cluster-arn': ['error', 'Not the ARN of an MSK cluster.'],
  'invalid-bootstrap-server': ['error', 'Not the host and port of a Kafka broker.'],
  'invalid-topic': ['error', 'Not the name of a Kafka topic that AWS Lambda reads.'],
  'invalid-key-arn': ['error', 'Not the ARN of a KMS key.'],
  'invalid-consumer-group': ['error', 'Not a consumer group id that AWS Lambda accepts.'],
  'invalid-kafka-auth-value': [
    'error',
    'Not a scope, audience or id that AWS Lambda or an identity provider accepts.',
  ],
  'invalid-time': ['error', 'Not a time with its zone.'],
  'invalid-vpc-id': ['error', 'Not the id of a subnet or a security group.'],
  'invalid-region': ['error', 'Not the name of an AWS region.'],
  'invalid-registry-url': ['error', 'Not the URL of a schema registry.'],
  'invalid-event-type': ['error', 'Not a CloudEvents type.'],
  'invalid-deployment': ['error', 'Not `<flow name>/<deployment name>` as Prefect accepts them.'],
  'invalid-parameter-name': ['error', 'Not the name of a parameter of a Python function.'],
  'invalid-tag': [
    'error',
    'A tag that is empty, too long or listed twice, or has spaces at its ends, several in a row, or other white space.',
  ],
  'reserved-tag': ['error', 'A tag in a namespace that belongs to Prefect or Sluice.'],
  'too-many-tags': ['error', 'More tags than a flow run can carry safely.'],
  'invalid-work-queue': ['error', 'Not the name of a work queue.'],
  'allow-list-missing': [
    'error',
    'Events choose what is executed, or as whom, from values that nothing limits.',
  ],
  'too-many-sources-for-alarm': ['error', 'An alarm looks at ten metrics at most, one of each source.'],
  'event-not-in-mode': ['error', 'An expression reads `event` where a run may have many.'],
  'window-not-in-mode': ['error', 'An expression reads `window` on a route without windows.'],
  'invalid-expression': [
    'error',
    'A CEL expression that does not parse, does not type-check or cannot work.',
  ],
  'header-not-listed': [
    'error',
    'An expression reads a header that no source of its route passes on: HTTP sources list theirs.',
  ],
  'unknown-source': ['error', 'A route names a source that is not configured.'],
  'repeated-source': ['error', 'A route names the same source twice.'],
  'duplicate-http-path': ['error', 'Two HTTP sources have the same path.'],
  'duplicate-queue': [
    'error',
    'Two SQS sources read the same queue: each event would reach only one of them.',
  ],
  'kafka-cluster-choice': [
    'error',
    'A Kafka source names either an MSK cluster or the brokers of another cluster.',
  ],
  'iam-needs-msk': [
    'error',
    'Only MSK authenticates by IAM, and the role needs to know which cluster it is.',
  ],
  'auth-not-on-msk': ['error', 'AWS Lambda cannot authenticate to MSK in this way.'],
  'serverless-needs-iam': ['error', 'MSK Serverless authenticates by IAM only.'],
  'msk-secret-name': ['error', 'MSK takes credentials only from secrets called `AmazonMSK_…`.'],
  'secret-needs-arn': ['error', "Lambda's Kafka pollers need the complete ARN of a secret."],
  'self-managed-only': ['error', 'A field of self-managed clusters, beside an MSK cluster.'],
  'repeated-topic': ['error', 'A Kafka source names the same topic twice.'],
  'consumer-group-per-topic': [
    'error',
    'Each topic is an event source mapping, and each mapping needs a consumer group of its own (AWS Lambda).',
  ],
  'duplicate-consumer-group': ['error', 'Two Kafka sources have the same consumer group.'],
  'kafka-timeout-too-long': ['error', 'A function that reads Kafka may run for 14 minutes (AWS Lambda).'],
  'capacity-range': ['error', 'The minimum of provisioned capacity is above the maximum.'],
  'existing-table-setting': ['error', 'A setting of a table that the stack does not create.'],
  'poller-range': ['error', 'The minimum of pollers is above the maximum.'],
  'format-needs-registry': ['error', 'A format whose schemas are in a registry, without a schema registry.'],
  'partial-failures-are-automatic': [
    'error',
    'Partial failures are reported whenever the pollers accept them: with `provisioned`.',
  ],
  'retry-limits-unsupported': [
    'error',
    'With a limit on retries or age Lambda would drop events during an outage of Prefect.',
  ],
  'no-on-failure-destination': [
    'error',
    'With a destination Lambda gives up after 10 retries, although nothing is wrong with the events.',
  ],
  'invalid-public-url': ['error', 'Not the URL of an endpoint as it was entered at the webhook provider.'],
  'invalid-jwt-url': ['error', 'Not the URL of an issuer of JWTs, or of its keys.'],
  'invalid-topic-arn': ['error', 'Not the ARN of an SNS topic.'],
  'invalid-webhook-origin': ['error', 'Not an origin that a sender of CloudEvents can have.'],
  'invalid-handshake-name': ['error', 'Not the name of a query parameter, or of a member of a JSON object.'],
  'handshake-built-in': ['error', 'The preset of `verify` answers the handshake of its sender itself.'],
  'handshake-challenge': [
    'error',
    'A handshake whose challenge is nowhere, in two places, or cannot be sent back.',
  ],
  'sender-needs-empty-response': [
    'error',
    'The sender takes any other response than 200 without a body for a failure.',
  ],
  'invalid-signed-content': [
    'error',
    'Not a template of what an HMAC covers, or a part of it has no header to come from.',
  ],
  'unsigned-timestamp': ['error', 'A timestamp that is not signed does not protect against replay.'],
  'verify-missing': ['error', 'An HTTP source does not say how its requests are verified.'],
  'batch-needs-window': [
    'error',
    'SQS batches of more than 10 need a batch window of 1 s or more (AWS Lambda).',
  ],
  'fifo-batch-size': ['error', 'A FIFO queue delivers at most 10 messages at a time (AWS Lambda).'],
  'fifo-batch-window': ['error', 'A FIFO queue has no batch window (AWS Lambda).'],
  'order-needs-fifo': ['error', 'A standard queue delivers messages in no particular order.'],
  'coalesce-option-not-in-mode': ['error', 'An option of another coalescing mode.'],
  'wait-shorter-than-quiet': [
    'error',
    'A window of mode `debounce` would be closed by `maxWait` before it could be quiet for `quiet`.',
  ],
  'windows-do-not-overlap': [
    'error',
    'Windows of mode `sliding` overlap: each covers more time than passes until the next one.',
  ],
  'every-must-divide-size': ['error', 'A sliding window consists of whole steps: `every` divides `size`.'],
  'too-many-windows': ['error', 'An event is in at most 100 sliding windows.'],
  'batch-too-large': ['error', 'More bytes in a flow run than Prefect takes, without `run.overflow: s3`.'],
  'retention-shorter-than-wait': [
    'error',
    'A claim would expire while its event still waits: a duplicate would enter the same window.',
  ],
  'request-timeout-too-long': ['error', 'A request to Prefect may take as long as the function may run.'],
  'respond-before-run': [
    'error',
    'Requests would be answered before their events can be in a flow run: `respond: run` is for routes without windows, and waits longer than the queue.',
  ],
  'respond-wait-too-long': ['error', 'A function cannot wait for flow runs for as long as it may run.'],
  'cloud-needs-auth': ['error', 'Prefect Cloud requires credentials.'],
  'unknown-override': ['error', 'A value given at synth for something that the configuration does not have.'],
  'budget-not-supported-yet': ['error', 'The request budget is planned for a later version.'],
  'on-no-worker-not-supported-yet': ['error', 'Waiting for workers is planned for a later version.'],
  'retention-close-to-wait': [
    'warning',
    'Windows are flushed late while Prefect is unreachable; claims should outlive that by a day.',
  ],
  'retention-shorter-than-redelivery': [
    'warning',
    'An event may be redelivered after its claim expired, and then start a second flow run.',
  ],
  'msk-secret-key': [
    'warning',
    'MSK takes secrets only under a customer managed key, which Lambda has to be allowed to decrypt with.',
  ],
  'sender-needs-certificate': [
    'warning',
    'Every way to this source requires a client certificate, which webhook providers do not have.',
  ],
  'endpoint-without-source': ['warning', 'There are domains, but no source of type http.'],
  'fifo-order-relaxed': [
    'warning',
    'After a failure, flow runs of one message group may be created out of order. The source does not say whether that matters.',
  ],
  'too-many-resources': [
    'warning',
    'A CloudFormation stack has room for 500 resources; sources with a `group` are in a nested stack of their own.',
  ],
  'loopback-address': ['warning', 'A loopback address, which a Lambda function cannot reach.'],
  'emulator-account': ['warning', 'The account 000000000000 exists only on local emulators of AWS.'],
  'latest-misses-events': [
    'warning',
    'Records produced while Lambda creates or changes the event source mapping are skipped.',
  ],
  'impossible-event-type': [
    'warning',
    'An expression compares `event.type` with a type that no event of its sources can have.',
  ],
  'number-in-quotes': ['warning', 'A number in quotes is text, and never equal to a number of the data.'],
  'source-without-route': ['warning', 'No route reads this source: all of its events would be filtered.'],
  'unusual-api-url': ['warning', 'Most Prefect servers serve their API below /api.'],
  'plaintext-credentials': ['warning', 'Credentials travel over plain HTTP.'],
} as const satisfies Readonly<Record<string, readonly ['error' | 'warning', string]>>;

export type ProblemCode = keyof typeof PROBLEM_CODES;
export type Severity = 'error' | 'warning';

export function severityOf(code: ProblemCode): Severity {
  return PROBLEM_CODES[code][0];
}
