/**
 * Protobuf messages as JSON text: ProtoJSON (https://protobuf.dev/programming-guides/json/) but for two things that
 * flows and conditions can do without. 64-bit integers are numbers, since Python and Sluice's CEL read them exactly;
 * and a field without presence is there with its default, so that a condition can compare it. `Any` is its type URL
 * and its bytes: what is in it need not be known to the registry.
 */
import protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import type { RegisteredSchema } from './registry.ts';
import { UndecodableError } from './byte-cursor.ts';
import type { PayloadReader } from './framing.ts';
import { base64Text, doubleText } from './json-texts.ts';
import { ProtobufSchema } from './protobuf-schema.ts';

/** @throws whatever is wrong with the schema. */
export function compileProtobuf(registered: RegisteredSchema): PayloadReader {
  const schema = new ProtobufSchema(registered);
  return (value) => {
    const { type, payload } = schema.messageOf(value);
    let message: protobuf.Message;
    try {
      message = type.decode(payload);
    } catch {
      // protobufjs throws plain errors; of the bytes they are always.
      throw new UndecodableError(`it is no message ${type.name}`);
    }
    return messageText(message, type);
  };
}

const WRAPPER = /^\.google\.protobuf\.(?:Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value$/;

/** Those of which ProtoJSON makes something else than an object of their fields. */
const SPECIAL_TYPES: ReadonlySet<string> = new Set(
  ['Timestamp', 'Duration', 'FieldMask', 'Struct', 'Value', 'ListValue'].map(
    (name) => `.google.protobuf.${name}`,
  ),
);

function messageText(message: object, type: protobuf.Type): string {
  const fields = new Map(Object.entries(message));
  const [only] = type.fieldsArray;
  if (only !== undefined && WRAPPER.test(type.fullName)) {
    return scalarText(fields.get('value') ?? only.resolve().typeDefault, only);
  }
  if (SPECIAL_TYPES.has(type.fullName)) return specialText(message, type);
  const members = type.fieldsArray.flatMap((field) => {
    const text = fieldText(fields, field.resolve());
    return text === undefined ? [] : [`${JSON.stringify(field.jsonName)}:${text}`];
  });
  return `{${members.join(',')}}`;
}

function specialText(message: object, type: protobuf.Type): string {
  try {
    return protojson.toJsonString(type, message);
  } catch {
    throw new UndecodableError(`it has a ${type.name} out of range`);
  }
}

/** Undefined for a field that is not there, where that can be told. */
function fieldText(fields: ReadonlyMap<string, unknown>, field: protobuf.Field): string | undefined {
  const value = fields.get(field.name);
  if (field instanceof protobuf.MapField) return mapText(value, field);
  if (field.repeated) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return `[${items.map((item) => scalarText(item, field)).join(',')}]`;
  }
  if (value === undefined || value === null) {
    const canBeAbsent = field.hasPresence || field.resolvedType instanceof protobuf.Type;
    return canBeAbsent ? undefined : scalarText(field.typeDefault, field);
  }
  return scalarText(value, field);
}

function mapText(value: unknown, field: protobuf.MapField): string {
  if (typeof value !== 'object' || value === null) return '{}';
  const entries = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(mapKey(key, field.keyType))}:${scalarText(item, field)}`,
  );
  return `{${entries.join(',')}}`;
}

/** protobufjs keeps 64-bit keys as eight characters. */
function mapKey(key: string, keyType: string): string {
  if (!Object.hasOwn(protobuf.types.long, keyType)) return key;
  const { lo, hi } = protobuf.util.LongBits.fromHash(key);
  const unsigned = (BigInt(hi) << 32n) | BigInt(lo);
  return String(UNSIGNED.has(keyType) ? unsigned : BigInt.asIntN(64, unsigned));
}

const UNSIGNED: ReadonlySet<string> = new Set(['uint64', 'fixed64']);

function scalarText(
  value: unknown,
  { resolvedType, type }: Pick<protobuf.Field, 'resolvedType' | 'type'>,
): string {
  if (resolvedType instanceof protobuf.Enum) return enumText(value, resolvedType);
  if (resolvedType instanceof protobuf.Type) {
    return typeof value === 'object' && value !== null ? messageText(value, resolvedType) : 'null';
  }
  switch (type) {
    case 'string':
      return JSON.stringify(value);
    case 'bytes':
      return value instanceof Uint8Array ? base64Text(value) : '""';
    case 'float':
    case 'double':
      return doubleText(Number(value));
    default:
      // A boolean, a number, or a Long, which prints all its digits.
      return String(value);
  }
}

/** Numbers that the schema has no name for are numbers. */
function enumText(value: unknown, { fullName, valuesById }: protobuf.Enum): string {
  if (fullName === '.google.protobuf.NullValue') return 'null';
  const name = valuesById[Number(value)];
  return name === undefined ? String(value) : JSON.stringify(name);
}
