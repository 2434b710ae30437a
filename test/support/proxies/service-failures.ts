/** How services refuse requests, in the words of each. */
import type { Interference } from './fault-proxy.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
export const DYNAMODB_THROTTLES = awsError(
  400,
  'com.amazonaws.dynamodb.v20120810#ThrottlingException',
  'Rate of requests exceeds the allowed throughput.',
);
export const DYNAMODB_FAILS = awsError(
  500,
  'com.amazonaws.dynamodb.v20120810#InternalServerError',
  'Internal error.',
);
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */
export const SQS_THROTTLES = awsError(400, 'com.amazonaws.sqs#RequestThrottled', 'Request is throttled.');
export const SQS_FAILS = awsError(503, 'com.amazonaws.sqs#ServiceUnavailable', 'The service is unavailable.');
/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const S3_SLOWS_DOWN: Interference = {
  kind: 'respond',
  status: 503,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>',
};
export const PREFECT_THROTTLES: Interference = {
  kind: 'respond',
  status: 429,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: '{"detail":"Too Many Requests"}',
};
export const PREFECT_FAILS: Interference = {
  kind: 'respond',
  status: 503,
  headers: { 'content-type': 'application/json' },
  body: '{"detail":"Service Unavailable"}',
};
/** The same, and the server says when to ask again. */
export const PREFECT_FAILS_FOR_A_SECOND: Interference = {
  kind: 'respond',
  status: 503,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: '{"detail":"Service Unavailable"}',
};

function awsError(status: number, type: string, message: string): Interference {
  return {
    kind: 'respond',
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${type};Sender` },
    body: JSON.stringify({ __type: type, message }),
  };
}
