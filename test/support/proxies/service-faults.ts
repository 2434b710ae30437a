/** How services fail towards their clients, request by request: the faults of the chaos check and the soak. */
import type { Interference } from './fault-proxy.ts';
import {
  DYNAMODB_FAILS,
  DYNAMODB_THROTTLES,
  PREFECT_FAILS,
  PREFECT_THROTTLES,
  S3_SLOWS_DOWN,
  SQS_FAILS,
  SQS_THROTTLES,
} from './service-failures.ts';

/** The services that functions call. */
export type Service = 'DynamoDB' | 'SQS' | 'S3' | 'Prefect';

export interface ServiceFault {
  readonly name: string;
  readonly service: Service;
  readonly interference: Interference;
  /** The share of requests that it meets. */
  readonly share: number;
}

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
