/** Makes received records for tests: only what a test is about has to be named. */
import type { ReceivedRecord } from '../../../lib/event/record.ts';

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

interface KafkaRecordFacts {
  /** Null: a tombstone. */
  readonly value: string | Uint8Array | null;
  readonly key?: string;
  readonly headers?:
    Readonly<Record<string, string>> | readonly (readonly [name: string, value: string | Uint8Array])[];
  readonly timestampEpochMs?: number;
}

/** A record of a topic as the trigger hands it on. */
export function makeReceivedKafkaRecord({
  value,
  key,
  headers = {},
  timestampEpochMs = 1_790_000_000_000,
}: KafkaRecordFacts): ReceivedRecord {
  const list = headers instanceof Array ? headers : Object.entries(headers);
  const texts = new Map(list.map(([name, text]) => [name, String(text)]));
  const contentType = texts.get('content-type');
  return {
    recordId: 'orders-3@7',
    origin: {
      kind: 'kafka',
      cluster: 'b:9092',
      topic: 'orders',
      partition: 3,
      offset: 7,
      timestampEpochMs,
      ...(key !== undefined && { key }),
      tombstone: value === null,
    },
    body: typeof value === 'string' ? Buffer.from(value) : (value ?? new Uint8Array()),
    ...(contentType !== undefined && { contentType }),
    headers: texts,
    ...(key !== undefined && { key: Buffer.from(key) }),
    headerList: list.map(([name, header]) => ({ name, value: Buffer.from(header) })),
    deliveryCount: 1,
  };
}
