/**
 * Framing of values in Kafka, which names the schema that a value was written with:
 * - Confluent: 0x00 and a 4-byte id, or 0x01 and a 16-byte GUID, in front of the value or, for a bare value, in
 *   the record header `__value_schema_id` (https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format).
 * - AWS Glue: 0x03, 0x00 or 0x05 (zlib), and the 16-byte id of the schema version
 *   (awslabs/aws-glue-schema-registry, AWSSchemaRegistryConstants.java).
 */
import { inflateSync } from 'node:zlib';
import type { ReceivedRecord } from '../event/record.ts';
import { rejected, type Rejected } from '../event/rejection.ts';
import type { SchemaId } from './schema-id.ts';

export interface FramedValue {
  readonly kind: 'framed';
  readonly schemaId: SchemaId;
  readonly payload: Uint8Array;
  /** The bytes after the id in a header, which hold Protobuf's message index instead of the payload's first bytes. */
  readonly headerRest?: Uint8Array;
  readonly isCompressed: boolean;
}

/** Reads an uncompressed payload as JSON. @throws {UndecodableError} when the payload does not match its schema. */
export type PayloadReader = (value: FramedValue) => string | Uint8Array;

const CONFLUENT_ID = 0x00;
const CONFLUENT_GUID = 0x01;
const GLUE = 0x03;
const GLUE_UNCOMPRESSED = 0x00;
const GLUE_ZLIB = 0x05;
const SCHEMA_ID_HEADER = '__value_schema_id';

/** Recognize framing by its first byte, which no JSON text begins with. */
export function framingVendor(body: Uint8Array): 'Confluent' | 'AWS Glue' | undefined {
  const [first] = body;
  if (first === GLUE) return 'AWS Glue';
  return first === CONFLUENT_ID || first === CONFLUENT_GUID ? 'Confluent' : undefined;
}

/** Read the framing. A header takes precedence, as in Confluent's deserializers. Code: schema-id-missing. */
export function readFraming({ body, headerList = [] }: ReceivedRecord): FramedValue | Rejected {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const header = headerList.findLast(({ name }) => name === SCHEMA_ID_HEADER);
  const inHeader = header === undefined ? undefined : readConfluent(Buffer.from(header.value));
  if (inHeader !== undefined) {
    const { schemaId, payload: headerRest } = inHeader;
    return { kind: 'framed', schemaId, payload: bytes, headerRest, isCompressed: false };
  }
  return readConfluent(bytes) ?? readGlue(bytes) ?? UNFRAMED;
}

/** Decompress the payload, but to no more than `maxBytes`. Code: schema-mismatch. */
export function inflatePayload(
  { payload, isCompressed }: FramedValue,
  maxBytes: number,
): Uint8Array | Rejected {
  if (!isCompressed) return payload;
  try {
    return inflateSync(payload, { maxOutputLength: maxBytes });
  } catch {
    return rejected(
      'schema-mismatch',
      `The value is not valid zlib data, though its framing says so, or has more than ${maxBytes} bytes. ` +
        'Send it again, or raise limits.maxEventBytes.',
    );
  }
}

const UNFRAMED = rejected(
  'schema-id-missing',
  'Neither the value (by a first byte of 0x00, 0x01 or 0x03) nor a header names a schema. ' +
    "Use a serializer of the schema registry, or set the source's format to that of the values.",
);

function readConfluent(bytes: Uint8Array): FramedValue | undefined {
  const [magic] = bytes;
  if (magic === CONFLUENT_ID && bytes.length >= 5) {
    const id = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32BE(1);
    return framed({ kind: 'confluent-id', id }, bytes.subarray(5));
  }
  if (magic === CONFLUENT_GUID && bytes.length >= 17) {
    return framed({ kind: 'confluent-guid', guid: uuidText(bytes.subarray(1, 17)) }, bytes.subarray(17));
  }
  return undefined;
}

function readGlue(bytes: Uint8Array): FramedValue | undefined {
  const [magic, compression] = bytes;
  const isKnown = compression === GLUE_UNCOMPRESSED || compression === GLUE_ZLIB;
  if (magic !== GLUE || !isKnown || bytes.length < 18) return undefined;
  const schemaId = { kind: 'glue', versionId: uuidText(bytes.subarray(2, 18)) } as const;
  return framed(schemaId, bytes.subarray(18), compression === GLUE_ZLIB);
}

function framed(schemaId: SchemaId, payload: Uint8Array, isCompressed = false): FramedValue {
  return { kind: 'framed', schemaId, payload, isCompressed };
}

function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
