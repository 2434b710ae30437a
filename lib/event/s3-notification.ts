/**
 * Event notifications of Amazon S3
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html), and of MinIO and Ceph,
 * which have its format: one event for each element of `Records`, which is its data. Attributes follow
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
/** What each object store writes as `eventSource`, and how it writes the name of an object. */
const KEY_DECODERS: ReadonlyMap<unknown, (key: string) => string | undefined> = new Map([
  ['aws:s3', decodeFormText],
  ['minio:s3', decodeFormText],
  // Ceph writes the name as it is.
  ['ceph:s3', (key: string) => key],
]);
/** MinIO writes event names as they are configured; Amazon S3 and Ceph leave this out. */
const EVENT_NAME_PREFIX = /^s3:/;
const CONTROL_CHARACTER = /\p{Cc}/u;

export function readS3Notification({ value, members }: EnvelopeJson): ParsedEnvelope {
  // Sent once when notifications are switched on: https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html
  if (valueAt(value, ['Event']) === TEST_EVENT && valueAt(value, ['Service']) === 'Amazon S3') {
    return { kind: 'contents', contents: [] };
  }
  const records: unknown = valueAt(value, ['Records']);
  if (!Array.isArray(records)) return { kind: 'other' };
  const eventSource: unknown = valueAt(records, [0, 'eventSource']);
  const decodeKey = KEY_DECODERS.get(eventSource);
  if (decodeKey === undefined) return { kind: 'other' };
  const recordsText = memberTexts(members)?.get('Records');
  if (recordsText === undefined) return invalidEnvelope('s3', 'it has a member twice');
  const texts = splitJsonArray(recordsText);
  if (texts.kind === 'rejected') return texts;

  const contents: EnvelopedContent[] = [];
  for (const [index, text] of texts.texts.entries()) {
    const content = readS3Record(records[index], text, eventSource, decodeKey);
    if (content.kind === 'rejected') return content;
    contents.push(content.content);
  }
  return { kind: 'contents', contents };
}

function readS3Record(
  record: unknown,
  text: string,
  eventSource: unknown,
  decodeKey: (key: string) => string | undefined,
): { readonly kind: 'content'; readonly content: EnvelopedContent } | Rejected {
  // MinIO and Ceph write an empty text where Amazon S3 leaves a field out.
  const field = (...path: readonly string[]): string | undefined => {
    const text = textOf(valueAt(record, path));
    return text === '' ? undefined : text;
  };
  const [source, region, eventTime] = [field('eventSource'), field('awsRegion'), field('eventTime')];
  const eventName = field('eventName')?.replace(EVENT_NAME_PREFIX, '');
  const bucket = field('s3', 'bucket', 'name');
  const keyText = field('s3', 'object', 'key');
  if (source !== eventSource || eventName === undefined || bucket === undefined || keyText === undefined) {
    return invalidEnvelope('s3', 'one of its Records has no eventName, bucket or key');
  }
  const key = decodeKey(keyText);
  if (key === undefined) return invalidEnvelope('s3', 'the key in one of its Records is not URL-encoded');

  const version = field('s3', 'object', 'versionId') ?? field('s3', 'object', 'eTag') ?? '';
  // Events without a sequencer (tags, restores, …) may happen to the same version twice, at two times.
  const position = field('s3', 'object', 'sequencer') ?? `at ${eventTime ?? ''}`;
  const reading = envelopedAttributes('s3', {
    id: idOf([bucket, key, version, position, eventName]),
    source: encodeURI([source, region, bucket].filter((part) => part !== undefined).join('.')),
    type: `com.amazonaws.s3.${eventName}`,
    // No attribute may hold a control character, and the name of an object may; the data has it in any case.
    subject: CONTROL_CHARACTER.test(key) ? undefined : key,
    time: eventTime,
  });
  if (reading.kind === 'rejected') return reading;
  return { kind: 'content', content: { attributes: reading.attributes, text, contentType: undefined } };
}

/** Decode a name that is encoded as forms are, with + for a space. */
function decodeFormText(encodedKey: string): string | undefined {
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
