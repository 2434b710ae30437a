/** What Lambda hands to the pipeline's function of a message that the endpoint sent to its queue. */
import type { SQSRecord } from 'aws-lambda';
import { toRecord } from '../../../functions/sqs-trigger/records.ts';
import type { CompiledSource } from '../../../lib/compiled-config/compiled.ts';
import type { ReceivedRecord } from '../../../lib/event/record.ts';
import type { QueueMessage } from '../../../lib/ports.ts';

export function deliverQueueMessage(
  { body, attributes }: QueueMessage,
  messageId: string,
  source: CompiledSource,
): ReceivedRecord {
  const message: SQSRecord = {
    messageId,
    receiptHandle: messageId,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1790000000000',
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: '1790000000000',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:jobs',
    awsRegion: 'eu-west-1',
  };
  return toRecord(message, source);
}
