/** Decode Kafka records: take off the schema's framing first, then read the value in the source's format. */
import type { CompiledKafkaSource, CompiledLimits } from '../compiled-config/compiled.ts';
import { framingVendor, readFraming, type FramedValue } from './framing.ts';
import type { LookedUpSchema, LookedUpSchemas } from './schema-cache.ts';
import { dataschemaOf, schemaIdText, schemaKey } from './schema-id.ts';
import { schemaTypeOf } from './schema-type.ts';
import { tooLarge } from '../event/decode-body.ts';
import { decodeRecord, withHeaders } from '../event/decode.ts';
import type { Origin } from '../event/event.ts';
import { naturalIdOf, plainEvent } from '../event/plain-event.ts';
import { detectFormat, type PayloadFormat } from '../event/payload-format.ts';
import type { Decoded, ReceivedRecord } from '../event/record.ts';
import { rejected, type Rejected } from '../event/rejection.ts';

/** `undecided`: the schema could not be looked up, so nothing is known about the record yet. */
export type KafkaDecoded = Decoded | { readonly kind: 'undecided'; readonly detail: string };

export interface KafkaContext {
  readonly source: CompiledKafkaSource;
  readonly limits: CompiledLimits;
  readonly schemas: LookedUpSchemas;
}

/** Decode one record. Never throws. */
export function decodeKafkaRecord(record: ReceivedRecord, context: KafkaContext): KafkaDecoded {
  const { source, limits } = context;
  const { defect, origin } = record;
  if (defect !== undefined) return { kind: 'rejected', rejection: defect };
  if (record.identity !== undefined) return decodeRecord(record, source, limits);
  const format = detectFormat(record, source.format);
  if (origin.kind === 'kafka' && origin.tombstone) {
    // A CloudEvent in binary mode may have no data, and is still not a tombstone.
    return format.kind === 'binary-mode'
      ? decodeRecord({ ...record, origin: { ...origin, tombstone: false } }, source, limits)
      : decodeTombstone(record, source);
  }
  if (schemaTypeOf(source.format) !== null && format.kind !== 'structured')
    return decodeFramed(record, context);
  return rejectUnexpectedFraming(record, format) ?? decodeRecord(record, source, limits);
}

function decodeTombstone(record: ReceivedRecord, source: CompiledKafkaSource): Decoded {
  const facts = { origin: record.origin, id: naturalIdOf(record), datacontenttype: 'application/json' };
  const data = { kind: 'json', text: 'null', value: null } as const;
  const event = plainEvent(facts, source, { kind: 'content', data, hasTemplateMarker: false });
  return withHeaders({ kind: 'events', events: [event] }, record.headerList);
}

function decodeFramed(record: ReceivedRecord, context: KafkaContext): KafkaDecoded {
  const { source, limits, schemas } = context;
  const oversize = tooLarge(record.body, limits, record.headerList);
  if (oversize !== undefined) return oversize;
  const framed = readFraming(record);
  if (framed.kind === 'rejected') return framed;
  const schema = schemas.get(schemaKey(framed.schemaId));
  switch (schema?.kind) {
    case undefined:
      return { kind: 'undecided', detail: 'the schema was not looked up' };
    case 'unavailable':
      return { kind: 'undecided', detail: schema.detail };
    case 'rejected':
      return schema;
    case 'usable': {
      const value = schema.decoder.decode(framed, limits.maxEventBytes);
      if (value.kind === 'rejected') return value;
      const decoded = decodeRecord(asJson(record, value.jsonText, framed, schema), source, limits);
      return withDataschema(decoded, framed, source);
    }
  }
}

/** Return the record as it would be if its producer had written JSON. */
function asJson(
  { origin, ...record }: ReceivedRecord,
  body: string | Uint8Array,
  { schemaId }: FramedValue,
  { subjects }: Extract<LookedUpSchema, { kind: 'usable' }>,
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

/** A schema can be registered under several subjects; the default subject of a topic's values is `<topic>-value`. */
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

/** No JSON begins with such a byte, so the hint concerns the source's format rather than the JSON. */
function rejectUnexpectedFraming({ body }: ReceivedRecord, format: PayloadFormat): Rejected | undefined {
  const expectsJson = format.kind === 'plain' ? format.content === 'json' : format.kind !== 'binary-mode';
  const vendor = expectsJson && typeof body !== 'string' ? framingVendor(body) : undefined;
  if (vendor === undefined) return undefined;
  return rejected(
    'unexpected-schema-framing',
    `The value begins with the id of a schema, as ${vendor}'s serializers write it. Set the source's format to ` +
      'avro, protobuf or json-schema, and its schemaRegistry; or set the format to binary to pass on the bytes.',
  );
}
