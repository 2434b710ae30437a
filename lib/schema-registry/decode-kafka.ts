/** What a Kafka record becomes: what the source's format makes of its value, once its schema has been taken off. */
import type { CompiledKafkaSource, CompiledLimits } from '../compiled-config/compiled.ts';
import { framingVendor, readFraming, type FramedValue } from './framing.ts';
import type { LookedUpSchema, LookedUpSchemas } from './schema-cache.ts';
import { dataschemaOf, schemaIdText, schemaKey } from './schema-id.ts';
import { schemaTypeOf } from './schema-type.ts';
import { tooLarge } from '../event/decode-body.ts';
import { decodeRecord } from '../event/decode.ts';
import type { Origin } from '../event/event.ts';
import { naturalIdOf, plainEvent } from '../event/plain-event.ts';
import { detectFormat, type PayloadFormat } from '../event/payload-format.ts';
import type { Decoded, ReceivedRecord } from '../event/record.ts';
import { rejected, type Rejected } from '../event/rejection.ts';

/** `undecided`: the registry could not be asked for the schema, so nothing is known of the record. */
export type KafkaDecoded = Decoded | { readonly kind: 'undecided'; readonly detail: string };

export interface KafkaContext {
  readonly source: CompiledKafkaSource;
  readonly limits: CompiledLimits;
  readonly schemas: LookedUpSchemas;
}

/** Never throws. */
export function decodeKafkaRecord(record: ReceivedRecord, context: KafkaContext): KafkaDecoded {
  const { source, limits } = context;
  const { defect, origin } = record;
  if (defect !== undefined) return { kind: 'rejected', rejection: defect };
  if (record.identity !== undefined) return decodeRecord(record, source, limits);
  const reading = detectFormat(record, source.format);
  if (origin.kind === 'kafka' && origin.tombstone) {
    // A CloudEvent in binary mode may have no data, and is an event nevertheless.
    return reading.kind === 'binary-mode'
      ? decodeRecord({ ...record, origin: { ...origin, tombstone: false } }, source, limits)
      : decodeTombstone(record, source);
  }
  if (schemaTypeOf(source.format) !== null && reading.kind !== 'structured')
    return decodeFramed(record, context);
  return rejectUnexpectedFraming(record, reading) ?? decodeRecord(record, source, limits);
}

function decodeTombstone(record: ReceivedRecord, source: CompiledKafkaSource): Decoded {
  const facts = { origin: record.origin, id: naturalIdOf(record), datacontenttype: 'application/json' };
  const data = { kind: 'json', text: 'null', value: null } as const;
  const event = plainEvent(facts, source, { kind: 'content', data, hasTemplateMarker: false });
  return { kind: 'events', events: [event] };
}

function decodeFramed(record: ReceivedRecord, context: KafkaContext): KafkaDecoded {
  const { source, limits, schemas } = context;
  const oversize = tooLarge(record.body, limits);
  if (oversize !== undefined) return oversize;
  const framed = readFraming(record);
  if (framed.kind === 'rejected') return framed;
  const finding = schemas.get(schemaKey(framed.schemaId));
  switch (finding?.kind) {
    case undefined:
      return { kind: 'undecided', detail: 'no registry was asked for the schema' };
    case 'unavailable':
      return { kind: 'undecided', detail: finding.detail };
    case 'rejected':
      return finding;
    case 'known': {
      const value = finding.decoder.decode(framed, limits.maxEventBytes);
      if (value.kind === 'rejected') return value;
      const decoded = decodeRecord(asJson(record, value.jsonText, framed, finding), source, limits);
      return withDataschema(decoded, framed, source);
    }
  }
}

/** The record as it would be if its producer had written JSON. */
function asJson(
  { origin, ...record }: ReceivedRecord,
  body: string | Uint8Array,
  { schemaId }: FramedValue,
  { subjects }: Extract<LookedUpSchema, { kind: 'known' }>,
): ReceivedRecord {
  const subject = subjectOf(origin, subjects);
  const schema = {
    schemaId: schemaIdText(schemaId),
    ...(subject !== undefined && { schemaSubject: subject }),
  };
  return {
    ...record,
    origin: origin.kind === 'kafka' ? { ...origin, ...schema } : origin,
    body,
    contentType: 'application/json',
  };
}

/** One schema may be registered under several subjects; by default a topic's values have one that is named so. */
function subjectOf(origin: Origin, subjects: readonly string[]): string | undefined {
  const ofTopic = origin.kind === 'kafka' ? `${origin.topic}-value` : undefined;
  return subjects.length === 1 ? subjects[0] : subjects.find((subject) => subject === ofTopic);
}

function withDataschema(
  decoded: Decoded,
  { schemaId }: FramedValue,
  { schemaRegistry }: CompiledKafkaSource,
): Decoded {
  if (decoded.kind === 'rejected' || schemaRegistry === null) return decoded;
  const dataschema = dataschemaOf(schemaId, schemaRegistry);
  return { kind: 'events', events: decoded.events.map((event) => ({ dataschema, ...event })) };
}

/** No JSON begins with such a byte: the mend is to say what the values are, not what is wrong with their JSON. */
function rejectUnexpectedFraming({ body }: ReceivedRecord, reading: PayloadFormat): Rejected | undefined {
  const expectsJson = reading.kind === 'plain' ? reading.content === 'json' : reading.kind !== 'binary-mode';
  const brand = expectsJson && typeof body !== 'string' ? framingVendor(body) : undefined;
  if (brand === undefined) return undefined;
  return rejected(
    'unexpected-schema-framing',
    `The value begins as ${brand}'s serializers begin it: with the id of a schema. Set the source's format to ` +
      'avro, protobuf or json-schema, and its schemaRegistry; or to binary, if the bytes are wanted.',
  );
}
