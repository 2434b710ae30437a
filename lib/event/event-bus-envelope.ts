/**
 * Events of a custom event bus of Amazon EventBridge (`AWS::EventsV2`), as a subscriber delivers them with metadata:
 * `Data`, `Metadata` and `SystemMetadata`. What was published with PutEvents has `detail` and its envelope inside
 * `Data`; what was published with PutRawEvents is `Data` itself.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-addressing.html
 */
import { isObject, isString } from '../json/untrusted-json.ts';
import { valueAt } from '../json/value-at.ts';
import { memberTexts } from './cloudevents-json.ts';
import {
  envelopedAttributes,
  invalidEnvelope,
  textOf,
  type EnvelopeJson,
  type ParsedEnvelope,
} from './envelope.ts';
import type { Header } from './header.ts';
import { scanJson } from './json-scan.ts';
import { isRfc3339 } from './rfc3339.ts';

const PUT_EVENTS = 'application/eventbridge+json';

/** The `type` and `source` of what was published without any. */
const RAW_TYPE = 'sluice.eventbridge.received';
const RAW_SOURCE = 'aws:events';

export function readEventBusEnvelope({ value, members }: EnvelopeJson): ParsedEnvelope {
  const system = (name: string): string | undefined => textOf(valueAt(value, ['SystemMetadata', name]));
  const id = system('aws:EventId');
  const data = valueAt(value, ['Data']);
  if (id === undefined || data === undefined) return { kind: 'other' };
  const dataText = isString(data) ? data : memberTexts(members)?.get('Data');
  if (dataText === undefined) return invalidEnvelope('event-bus', 'it has a member twice');

  const isPutEvents = system('ContentType') === PUT_EVENTS && valueAt(data, ['detail']) !== undefined;
  const field = (name: string): string | undefined =>
    isPutEvents ? textOf(valueAt(data, [name])) : undefined;
  const resources: unknown = isPutEvents ? valueAt(data, ['resources']) : undefined;
  const [onlyResource, ...more] = Array.isArray(resources) ? resources.map(textOf) : [];
  const source = field('source') ?? system('aws:Source') ?? RAW_SOURCE;
  const type = field('detail-type') ?? system('aws:DetailType') ?? RAW_TYPE;
  const reading = envelopedAttributes('event-bus', {
    // The id stays the same when a subscriber that was stopped reads an event later.
    id,
    source: encodeURI(source),
    type,
    subject: more.length === 0 ? onlyResource : undefined,
    time: [field('time'), system('aws:IngestionTime')].find((time) => time !== undefined && isRfc3339(time)),
  });
  if (reading.kind === 'rejected') return reading;
  const text = isPutEvents ? detailOf(dataText) : dataText;
  if (text === undefined) return invalidEnvelope('event-bus', 'its Data has a member twice');
  const headers = [
    { name: 'source', value: source },
    { name: 'detail-type', value: type },
    ...metadataHeaders(valueAt(value, ['Metadata'])),
  ];
  return {
    kind: 'contents',
    contents: [{ attributes: reading.attributes, text, contentType: undefined, headers }],
  };
}

/** Undefined when a member of the envelope is there twice. */
function detailOf(dataText: string): string | undefined {
  return memberTexts(scanJson(dataText, { members: true }).members)?.get('detail');
}

function metadataHeaders(metadata: unknown): readonly Header[] {
  if (!isObject(metadata)) return [];
  return Object.entries(metadata).flatMap(([name, value]) =>
    isString(value) ? [{ name: name.toLowerCase(), value }] : [],
  );
}
