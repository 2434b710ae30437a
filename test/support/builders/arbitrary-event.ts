/** Events of every kind, with all that an event has: for properties of what keeps them. */
import * as fc from 'fast-check';
import type { Event, EventData, Origin } from '../../../lib/event/event.ts';
import type { Header } from '../../../lib/event/header.ts';
import { NO_JSON_LIMITS, readJson } from '../../../lib/event/json-value.ts';
import { jsonText } from './json-text.ts';

/** Control characters, line ends and lone surrogates included: attributes are chosen by strangers. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '\n', 'a\nb', '12:', '"', '\\', '\u2028', '\ud800'),
);
const wellFormedText = anyText.map((text) => text.toWellFormed());

/** As a decoder makes it: the text as received, and what was read of it. */
function decodedJson(text: string): EventData {
  const reading = readJson(text, NO_JSON_LIMITS);
  if (reading.kind === 'rejected') throw new Error(reading.rejection.detail);
  return { kind: 'json', text: reading.text, value: reading.value };
}

const data: fc.Arbitrary<EventData> = fc.oneof(
  fc.tuple(jsonText, fc.constantFrom('', ' ', '\n')).map(([text, space]) => decodedJson(text + space)),
  jsonText.map((text) => decodedJson(`{ "a" : ${text},\n\t"b":1.0e2 }`)),
  wellFormedText.map((text): EventData => ({ kind: 'text', text })),
  fc
    .uint8Array()
    .map((bytes): EventData => ({ kind: 'binary', base64: Buffer.from(bytes).toString('base64') })),
  fc.constant<EventData>({ kind: 'none' }),
);

const epochMs = fc.integer({ min: 0, max: 4_000_000_000_000 });

const origin: fc.Arbitrary<Origin> = fc.oneof(
  fc.record({ kind: fc.constant('http'), requestId: anyText, index: fc.nat(), receivedAtEpochMs: epochMs }),
  fc.record({ kind: fc.constant('sqs'), messageId: anyText, queueArn: anyText, sentAtEpochMs: epochMs }),
  fc.record(
    {
      kind: fc.constant('kafka'),
      cluster: anyText,
      topic: anyText,
      partition: fc.nat(),
      offset: fc.maxSafeNat(),
      timestampEpochMs: fc.oneof(epochMs, fc.constant(-1)),
      timestampType: anyText,
      key: anyText,
      keyBase64: anyText,
      tombstone: fc.boolean(),
      schemaId: anyText,
      schemaSubject: anyText,
    },
    { requiredKeys: ['kind', 'cluster', 'topic', 'partition', 'offset', 'timestampEpochMs', 'tombstone'] },
  ),
);

/** Names are chosen by strangers, too. */
export const arbitraryHeader: fc.Arbitrary<Header> = fc.record({
  name: anyText,
  value: fc.oneof(anyText, fc.uint8Array()),
});

export const arbitraryEvent: fc.Arbitrary<Event> = fc.record(
  {
    id: anyText,
    source: anyText,
    type: anyText,
    subject: anyText,
    time: anyText,
    datacontenttype: anyText,
    dataschema: anyText,
    extensions: fc.dictionary(
      fc.stringMatching(/^[a-z0-9]{1,20}$/),
      fc.oneof(fc.integer(), fc.boolean(), anyText),
      { noNullPrototype: true, maxKeys: 4 },
    ),
    data,
    origin,
    identity: fc.array(anyText, { maxLength: 5 }),
    hasTemplateMarker: fc.boolean(),
    headers: fc.array(arbitraryHeader, { maxLength: 4 }),
  },
  { requiredKeys: ['id', 'source', 'type', 'extensions', 'data', 'origin', 'identity', 'hasTemplateMarker'] },
);
