/** Makes values as serializers of schema registries frame them. */
import type { RegisteredSchema } from '../../../lib/schema-registry/registry.ts';

export function confluentFrame(id: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, payload]);
}

export function glueFrame(versionId: string, payload: Uint8Array, compression = 0): Buffer {
  return Buffer.concat([Buffer.from([3, compression]), uuidBytes(versionId), payload]);
}

/** The value of the header `__value_schema_id`. */
export function guidHeader(guid: string, rest: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.concat([Buffer.from([1]), uuidBytes(guid), rest]);
}

export function zigzag(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

export function makeSchema(
  overrides: Partial<RegisteredSchema> & Pick<RegisteredSchema, 'text'>,
): RegisteredSchema {
  return { type: 'avro', references: [], subjects: [], ...overrides };
}

function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}
