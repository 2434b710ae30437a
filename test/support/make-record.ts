/** Makes received records for tests: only what a test is about has to be named. */
import type { ReceivedRecord } from '../../lib/event/record.ts';

type RecordOverrides = Partial<Omit<ReceivedRecord, 'headers'>> & {
  readonly headers?: Readonly<Record<string, string>>;
};

/** A POST as the endpoint receives it: its body is bytes. */
export function makeHttpRecord({ body = '{}', headers = {}, ...overrides }: RecordOverrides): ReceivedRecord {
  return {
    recordId: 'request-1',
    origin: { kind: 'http', requestId: 'request-1', index: 0, receivedAtEpochMs: 1_790_000_000_000 },
    body: typeof body === 'string' ? Buffer.from(body) : body,
    headers: new Map(Object.entries(headers)),
    deliveryCount: 1,
    ...overrides,
  };
}

/** A message of somebody's own queue: its body is text. */
export function makeSqsRecord({ headers = {}, ...overrides }: RecordOverrides): ReceivedRecord {
  return {
    recordId: 'message-1',
    origin: {
      kind: 'sqs',
      messageId: 'message-1',
      queueArn: 'arn:aws:sqs:eu-west-1:123456789012:jobs',
      sentAtEpochMs: 1_790_000_000_000,
    },
    body: '{}',
    headers: new Map(Object.entries(headers)),
    deliveryCount: 1,
    ...overrides,
  };
}
