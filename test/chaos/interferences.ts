/** How services fail towards their clients, request by request. */
import type { Interference } from './fault-proxy.ts';

/** The services that functions call. */
export type Service = 'DynamoDB' | 'SQS' | 'S3' | 'Prefect';

export interface ServiceFault {
  readonly name: string;
  readonly service: Service;
  readonly interference: Interference;
  /** The share of requests that it meets. */
  readonly share: number;
}

function awsError(status: number, type: string, message: string): Interference {
  return {
    kind: 'respond',
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${type};Sender` },
    body: JSON.stringify({ __type: type, message }),
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const DYNAMODB_THROTTLES = awsError(
  400,
  'com.amazonaws.dynamodb.v20120810#ThrottlingException',
  'Rate of requests exceeds the allowed throughput.',
);
const DYNAMODB_FAILS = awsError(
  500,
  'com.amazonaws.dynamodb.v20120810#InternalServerError',
  'Internal error.',
);
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */
const SQS_THROTTLES = awsError(400, 'com.amazonaws.sqs#RequestThrottled', 'Request is throttled.');
const SQS_FAILS = awsError(503, 'com.amazonaws.sqs#ServiceUnavailable', 'The service is unavailable.');
/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const S3_SLOWS_DOWN: Interference = {
  kind: 'respond',
  status: 503,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>',
};
const PREFECT_THROTTLES: Interference = {
  kind: 'respond',
  status: 429,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: '{"detail":"Too Many Requests"}',
};
const PREFECT_FAILS: Interference = {
  kind: 'respond',
  status: 503,
  headers: { 'content-type': 'application/json' },
  body: '{"detail":"Service Unavailable"}',
};

export const SERVICE_FAULTS: readonly ServiceFault[] = [
  {
    name: 'DynamoDB responses lost',
    service: 'DynamoDB',
    interference: { kind: 'lose-response' },
    share: 0.3,
  },
  { name: 'DynamoDB requests lost', service: 'DynamoDB', interference: { kind: 'lose-request' }, share: 0.3 },
  { name: 'DynamoDB throttles', service: 'DynamoDB', interference: DYNAMODB_THROTTLES, share: 0.4 },
  { name: 'DynamoDB responds 500', service: 'DynamoDB', interference: DYNAMODB_FAILS, share: 0.3 },
  { name: 'SQS responses lost', service: 'SQS', interference: { kind: 'lose-response' }, share: 0.4 },
  { name: 'SQS requests lost', service: 'SQS', interference: { kind: 'lose-request' }, share: 0.4 },
  { name: 'SQS throttles', service: 'SQS', interference: SQS_THROTTLES, share: 0.4 },
  { name: 'SQS responds 503', service: 'SQS', interference: SQS_FAILS, share: 0.4 },
  { name: 'S3 responses lost', service: 'S3', interference: { kind: 'lose-response' }, share: 0.5 },
  { name: 'S3 slows down', service: 'S3', interference: S3_SLOWS_DOWN, share: 0.7 },
  { name: 'Prefect responses lost', service: 'Prefect', interference: { kind: 'lose-response' }, share: 0.4 },
  { name: 'Prefect requests lost', service: 'Prefect', interference: { kind: 'lose-request' }, share: 0.4 },
  {
    name: 'Prefect does not respond',
    service: 'Prefect',
    interference: { kind: 'withhold-response' },
    share: 0.15,
  },
  { name: 'Prefect throttles', service: 'Prefect', interference: PREFECT_THROTTLES, share: 0.6 },
  { name: 'Prefect responds 503', service: 'Prefect', interference: PREFECT_FAILS, share: 0.5 },
];
