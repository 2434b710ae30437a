/**
 * Amazon SNS without raw message delivery: the message is a string in JSON of SNS's own
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html). Attributes follow
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/adapters/aws-sns.md; the subscription's ARN, which a
 * queue is not told, gives way to the topic's.
 */
import { isObject, readBase64 } from '../json/untrusted-json.ts';
import { valueAt } from '../json/value-at.ts';
import {
  envelopedAttributes,
  invalidEnvelope,
  textOf,
  type EnvelopeJson,
  type ParsedEnvelope,
} from './envelope.ts';
import type { Header } from './header.ts';

const CONFIRMATIONS: readonly unknown[] = ['SubscriptionConfirmation', 'UnsubscribeConfirmation'];

export function readSnsEnvelope({ value }: EnvelopeJson): ParsedEnvelope {
  const field = (name: string): string | undefined => textOf(valueAt(value, [name]));
  const type = field('Type');
  const topicArn = field('TopicArn');
  const message = field('Message');
  if (type === undefined || topicArn === undefined || message === undefined) return { kind: 'other' };
  if (CONFIRMATIONS.includes(type)) {
    return invalidEnvelope(
      'sns',
      `it is a ${type}, which a person has to act upon: its URL is in the message`,
    );
  }
  if (type !== 'Notification') return { kind: 'other' };

  const reading = envelopedAttributes('sns', {
    id: field('MessageId'),
    source: topicArn,
    type: 'com.amazonaws.sns.Notification',
    subject: field('Subject'),
    time: field('Timestamp'),
  });
  if (reading.kind === 'rejected') return reading;
  const contentType = textOf(valueAt(value, ['MessageAttributes', 'content-type', 'Value']));
  const headers = messageAttributes(valueAt(value, ['MessageAttributes']));
  return {
    kind: 'contents',
    contents: [
      {
        attributes: reading.attributes,
        text: message,
        contentType,
        ...(headers.length > 0 && { headers }),
      },
    ],
  };
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html: values are texts, Binary ones in base64. */
function messageAttributes(attributes: unknown): readonly Header[] {
  if (!isObject(attributes)) return [];
  return Object.entries(attributes).flatMap(([name, attribute]): readonly Header[] => {
    const [type, text] = ['Type', 'Value'].map((field) => textOf(valueAt(attribute, [field])));
    if (text === undefined) return [];
    const value = type === 'Binary' ? readBase64(text) : text;
    return value === null ? [] : [{ name, value }];
  });
}
