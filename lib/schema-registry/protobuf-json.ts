/**
 * ProtoJSON (https://protobuf.dev/programming-guides/json/) but for two things that flows and conditions can do
 * without: 64-bit integers are numbers, since Python and Sluice's CEL read them exactly, and a field without presence
 * is there with its default, so that a condition can compare it.
 *
 * Where ProtoJSON has no form for a value, what is unambiguous is written all the same (NaN in a `Struct`, an `Any` of
 * a type that the schema does not know); what cannot be is an {@link UndecodableError}.
 */
import protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import { UndecodableError } from './byte-cursor.ts';
import { base64Json, doubleJson, floatJson } from './json-scalars.ts';
import {
  fieldById,
  isExtension,
  isUnset,
  jsonName,
  mapKey,
  spelledOutEntry,
  valueIn,
} from './protobuf-fields.ts';

/** Decode one message and write its JSON. @throws {UndecodableError} when the bytes are not such a message. */
export function messageJson(payload: Uint8Array, type: protobuf.Type): string {
  return new MessageWriter().decode(payload, type);
}

/** protobufjs bounds the nesting within one payload; every `Any` starts another. */
const MAX_NESTED_ANY = 50;

const WRAPPER = /^\.google\.protobuf\.(?:Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value$/;

/** Types whose JSON is a string that protobufjs writes as ProtoJSON has it. */
const STRING_TYPES: ReadonlySet<string> = new Set(
  ['Timestamp', 'Duration', 'FieldMask'].map((name) => `.google.protobuf.${name}`),
);

class MessageWriter {
  #anyDepth = 0;

  decode(payload: Uint8Array, type: protobuf.Type): string {
    let message: protobuf.Message;
    try {
      message = type.decode(payload);
    } catch {
      // protobufjs throws plain errors, and always because of the bytes.
      throw new UndecodableError(`it is not a message ${type.name}`);
    }
    return this.#message(message, type);
  }

  #message(message: object, type: protobuf.Type): string {
    if (WRAPPER.test(type.fullName)) return this.#onlyField(message, type);
    if (STRING_TYPES.has(type.fullName)) return stringTypeJson(message, type);
    switch (type.fullName) {
      case '.google.protobuf.Any':
        return this.#any(message, type);
      case '.google.protobuf.Struct':
      case '.google.protobuf.ListValue':
        return this.#onlyField(message, type);
      case '.google.protobuf.Value':
        return this.#value(message, type);
      default:
        return `{${this.#members(message, type).join(',')}}`;
    }
  }

  #members(message: object, type: protobuf.Type): readonly string[] {
    return type.fieldsArray.flatMap((field) => {
      const json = this.#field(valueIn(message, field.resolve()), field);
      return json === undefined ? [] : [`${JSON.stringify(jsonName(field))}:${json}`];
    });
  }

  /** Returns undefined for a field that is absent, where that can be told. */
  #field(value: unknown, field: protobuf.Field): string | undefined {
    if (isExtension(field) && isUnset(value)) return undefined;
    if (field instanceof protobuf.MapField) return this.#map(value, field);
    if (field.repeated) {
      const items: readonly unknown[] = Array.isArray(value) ? value : [];
      const entryType = spelledOutEntry(field);
      return entryType === undefined
        ? `[${items.map((item) => this.#single(item, field)).join(',')}]`
        : this.#entries(items, entryType);
    }
    if (value === undefined || value === null) {
      const canBeAbsent = field.hasPresence || field.resolvedType instanceof protobuf.Type;
      return canBeAbsent ? undefined : this.#single(field.typeDefault, field);
    }
    return this.#single(value, field);
  }

  #map(value: unknown, field: protobuf.MapField): string {
    if (typeof value !== 'object' || value === null) return '{}';
    return objectJson(
      Object.entries(value).map(
        ([key, item]) => [mapKey(key, field.keyType), this.#single(item, field)] as const,
      ),
    );
  }

  /** Entries of a map are messages with a key and a value, either of which may be omitted; the last of a key counts. */
  #entries(items: readonly unknown[], type: protobuf.Type): string {
    const [key, value] = [type.fieldsById[1]?.resolve(), type.fieldsById[2]?.resolve()];
    if (key === undefined || value === undefined) return '{}';
    const entries = items.map((item) => {
      const entry = typeof item === 'object' && item !== null ? item : {};
      const given: unknown =
        valueIn(entry, value) ?? (value.resolvedType instanceof protobuf.Type ? {} : value.typeDefault);
      return [String(valueIn(entry, key) ?? key.typeDefault), this.#single(given, value)] as const;
    });
    return objectJson([...new Map(entries)]);
  }

  #onlyField(message: object, type: protobuf.Type): string {
    const [only] = type.fieldsArray;
    if (only === undefined) return '{}';
    return this.#field(valueIn(message, only.resolve()), only) ?? this.#single(only.typeDefault, only);
  }

  /** A dynamic value: one of its fields is set, or it stands for null. */
  #value(message: object, type: protobuf.Type): string {
    for (const field of type.fieldsArray) {
      const value = valueIn(message, field.resolve());
      // These doubles stand for the numbers of JSON, which has 1 where another double is 1.0.
      if (field.type === 'double' && Number.isSafeInteger(value)) return String(value);
      if (value !== undefined && value !== null) return this.#single(value, field);
    }
    return 'null';
  }

  /** A message of the type that the URL names, or its bytes where the schema and its imports do not have that type. */
  #any(message: object, type: protobuf.Type): string {
    const url = fieldById(message, type, 1);
    const value = fieldById(message, type, 2);
    if (typeof url !== 'string' || url === '') return '{}';
    const bytes = value instanceof Uint8Array ? value : new Uint8Array();
    const name = `"@type":${JSON.stringify(url)}`;
    const inner = type.root.lookup(`.${url.slice(url.lastIndexOf('/') + 1)}`);
    if (!(inner instanceof protobuf.Type)) return `{${name},"value":${base64Json(bytes)}}`;
    if (this.#anyDepth === MAX_NESTED_ANY) throw new UndecodableError('it nests Any too deep');
    this.#anyDepth += 1;
    const json = this.decode(bytes, inner);
    this.#anyDepth -= 1;
    if (isWellKnown(inner)) return `{${name},"value":${json}}`;
    return json === '{}' ? `{${name}}` : `{${name},${json.slice(1)}`;
  }

  #single(value: unknown, { resolvedType, type }: Pick<protobuf.Field, 'resolvedType' | 'type'>): string {
    if (resolvedType instanceof protobuf.Enum) return enumJson(value, resolvedType);
    if (resolvedType instanceof protobuf.Type) {
      return typeof value === 'object' && value !== null ? this.#message(value, resolvedType) : 'null';
    }
    switch (type) {
      case 'string':
        return JSON.stringify(value);
      case 'bytes':
        return value instanceof Uint8Array ? base64Json(value) : '""';
      case 'float':
        return floatJson(Number(value));
      case 'double':
        return doubleJson(Number(value));
      default:
        // A boolean, a number, or a Long, which prints all its digits.
        return String(value);
    }
  }
}

/** True for types whose JSON is not an object of their fields. */
function isWellKnown({ fullName }: protobuf.Type): boolean {
  return (
    WRAPPER.test(fullName) ||
    STRING_TYPES.has(fullName) ||
    /^\.google\.protobuf\.(?:Any|Struct|ListValue|Value|Empty)$/.test(fullName)
  );
}

function objectJson(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}

function stringTypeJson(message: object, type: protobuf.Type): string {
  try {
    return protojson.toJsonString(type, message);
  } catch {
    throw new UndecodableError(`it has a ${type.name} that ProtoJSON cannot express`);
  }
}

/** Numbers that the schema has no name for are numbers. */
function enumJson(value: unknown, { fullName, valuesById }: protobuf.Enum): string {
  if (fullName === '.google.protobuf.NullValue') return 'null';
  const name = valuesById[Number(value)];
  return name === undefined ? String(value) : JSON.stringify(name);
}
