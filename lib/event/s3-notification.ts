/**
 * Amazon S3's event notifications
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html): one event for each
 * element of `Records`, which is its data. Attributes follow
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/adapters/aws-s3.md, but for `id`: that of the request,
 * which the adapter takes, is the same for all objects of a DeleteObjects, and events would be lost as duplicates.
 */
import { hash } from 'node:crypto';
import { valueAt } from '../json/value-at.ts';
import { memberTexts } from './cloudevents-json.ts';
import {
  envelopedAttributes,
  invalidEnvelope,
  textOf,
  type EnvelopeJson,
  type EnvelopedContent,
  type ParsedEnvelope,
} from './envelope.ts';
import { splitJsonArray } from './json-value.ts';
import type { Rejected } from './rejection.ts';

const TEST_EVENT = 's3:TestEvent';
const EVENT_SOURCE = 'aws:s3';
const CONTROL_CHARACTER = /\p{Cc}/u;

export function readS3Notification({ value, members }: EnvelopeJson): ParsedEnvelope {
  // Sent once when notifications are switched on: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html
  if (valueAt(value, ['Event']) === TEST_EVENT && valueAt(value, ['Service']) === 'Amazon S3') {
    return { kind: 'contents', contents: [] };
  }
  const records: unknown = valueAt(value, ['Records']);
  if (!Array.isArray(records) || valueAt(records, [0, 'eventSource']) !== EVENT_SOURCE)
    return { kind: 'other' };
  const recordsText = memberTexts(members)?.get('Records');
  if (recordsText === undefined) return invalidEnvelope('s3', 'it has a member twice');
  const texts = splitJsonArray(recordsText);
  if (texts.kind === 'rejected') return texts;

  const contents: EnvelopedContent[] = [];
  for (const [index, text] of texts.texts.entries()) {
    const content = readS3Record(records[index], text);
    if (content.kind === 'rejected') return content;
    contents.push(content.content);
  }
  return { kind: 'contents', contents };
}

function readS3Record(
  record: unknown,
  text: string,
): { readonly kind: 'content'; readonly content: EnvelopedContent } | Rejected {
  const field = (...path: readonly string[]): string | undefined => textOf(valueAt(record, path));
  const [eventName, region, eventTime] = [field('eventName'), field('awsRegion'), field('eventTime')];
  const bucket = field('s3', 'bucket', 'name');
  const encodedKey = field('s3', 'object', 'key');
  if (
    field('eventSource') !== EVENT_SOURCE ||
    eventName === undefined ||
    bucket === undefined ||
    encodedKey === undefined
  ) {
    return invalidEnvelope('s3', 'one of its Records has no eventName, bucket or key');
  }
  const key = decodedKey(encodedKey);
  if (key === undefined) return invalidEnvelope('s3', 'the key in one of its Records is not URL-encoded');

  const version = field('s3', 'object', 'versionId') ?? field('s3', 'object', 'eTag') ?? '';
  // Events without a sequencer (tags, restores, …) may happen to the same version twice, at two times.
  const position = field('s3', 'object', 'sequencer') ?? `at ${eventTime ?? ''}`;
  const reading = envelopedAttributes('s3', {
    id: idOf([bucket, key, version, position, eventName]),
    source: encodeURI([EVENT_SOURCE, region, bucket].join('.')),
    type: `com.amazonaws.s3.${eventName}`,
    // No attribute may hold a control character, and the name of an object may; the data has it in any case.
    subject: CONTROL_CHARACTER.test(key) ? undefined : key,
    time: eventTime,
  });
  if (reading.kind === 'rejected') return reading;
  return { kind: 'content', content: { attributes: reading.attributes, text, contentType: undefined } };
}

/** S3 encodes keys as forms do, with + for a space. */
function decodedKey(encodedKey: string): string | undefined {
  try {
    return decodeURIComponent(encodedKey.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** Keys have up to 1,024 bytes of any characters. */
function idOf(parts: readonly string[]): string {
  return `sha256-${hash('sha256', JSON.stringify(parts), 'base64url')}`;
}
