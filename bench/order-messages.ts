/** SQS events of orders, the same for every contender. */
import { hash } from 'node:crypto';
import type { SQSEvent, SQSRecord } from 'aws-lambda';

export const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:orders';

export interface Workload {
  readonly batchSize: number;
  readonly duplicatePercent: number;
}

export interface Deliveries {
  /** Delivered first and not measured; the duplicates repeat these orders. */
  readonly seed: SQSEvent;
  readonly events: readonly SQSEvent[];
  /** The number of messages in `events` whose order was not delivered before. */
  readonly freshCount: number;
}

/**
 * Make `invocations` events. The given share of their messages repeats orders of the seed in new messages. `salt`
 * distinguishes the orders of one measurement from those of all others.
 */
export function makeDeliveries(
  { batchSize, duplicatePercent }: Workload,
  invocations: number,
  salt: string,
): Deliveries {
  const record = (message: string, order: string) => recordOf(`${salt} ${message}`, `${salt} ${order}`);
  let freshCount = 0;
  let messages = 0;
  let duplicates = 0;
  const nextRecord = (): SQSRecord => {
    messages += 1;
    const isDuplicate = Math.floor((messages * duplicatePercent) / 100) > duplicates;
    if (isDuplicate) {
      duplicates += 1;
      return record(`message ${messages}`, `seed ${duplicates % batchSize}`);
    }
    freshCount += 1;
    return record(`message ${messages}`, `fresh ${freshCount}`);
  };
  const seed = Array.from({ length: batchSize }, (_, index) => record(`seed ${index}`, `seed ${index}`));
  const events = Array.from({ length: invocations }, () => ({
    Records: Array.from({ length: batchSize }, nextRecord),
  }));
  return { seed: { Records: seed }, events, freshCount };
}

function recordOf(message: string, order: string): SQSRecord {
  const messageId = uuidOf(message);
  return {
    messageId,
    receiptHandle: hash('sha512', message, 'base64'),
    body: JSON.stringify(orderOf(order)),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1800000000000',
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: '1800000000001',
    },
    messageAttributes: {},
    md5OfBody: hash('md5', order),
    eventSource: 'aws:sqs',
    eventSourceARN: QUEUE_ARN,
    awsRegion: 'us-east-1',
  };
}

/** Make an order of about 450 bytes of JSON. */
function orderOf(order: string): object {
  const orderId = uuidOf(order);
  return {
    orderId,
    type: 'order.paid',
    placedAt: '2027-01-15T08:00:01.000Z',
    customer: {
      id: orderId.slice(0, 8),
      name: 'Zoë Álvarez',
      email: 'zoe.alvarez@example.com',
      tier: 'gold',
    },
    lines: [
      { sku: 'KETTLE-17', quantity: 1, unitPriceCents: 4599, title: 'Kettle, 1.7 l' },
      { sku: 'MUG-BLUE', quantity: 4, unitPriceCents: 899, title: 'Mug "Baltic", blue' },
    ],
    totalCents: 8195,
    currency: 'EUR',
    region: 'eu-north',
  };
}

function uuidOf(text: string): string {
  return hash('sha256', text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
