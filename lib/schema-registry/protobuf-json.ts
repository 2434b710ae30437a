/**
 * ProtoJSON (https://protobuf.dev/programming-guides/json/) but for two things that flows and conditions can do
 * without: 64-bit integers are numbers, since Python and Sluice's CEL read them exactly, and a field without presence
 * is there with its default, so that a condition can compare it.
 *
 * Where ProtoJSON has no form for a value, what is unambiguous is written all the same (NaN in a `Struct`, an `Any` of
 * a type that the schema does not know); what cannot be is an {@link UndecodableError}.
 */
import protobuf from 'protobufjs';
import { UndecodableError } from './undecodable-error.ts';
import { JsonBudget } from './json-budget.ts';
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
import { isWellKnown, jsonFormOf, stringTypeJson, type JsonForm } from './protobuf-well-known-types.ts';

/** protobufjs bounds the nesting within one payload; every `Any` starts another. */
const MAX_NESTED_ANY = 50;

/** How messages of a type are written, worked out once for each type. */
interface MessagePlan {
  readonly form: JsonForm;
  readonly members: readonly MemberPlan[];
}

interface MemberPlan {
  readonly field: protobuf.Field;
  /** The name as JSON, with its colon. */
  readonly key: string;
  /** The JSON of a field that the bytes do not hold; undefined to leave it out. */
  readonly absent: string | undefined;
}

/** Writes messages of one schema as JSON. */
export class ProtoJsonWriter {
  readonly #plans = new Map<protobuf.Type, MessagePlan>();
  #anyDepth = 0;
  #budget = new JsonBudget();

  /** Decode one message and write its JSON. @throws {UndecodableError} when the bytes are not such a message. */
  write(payload: Uint8Array, type: protobuf.Type): string {
    this.#anyDepth = 0;
    this.#budget = new JsonBudget();
    return this.#decode(payload, type);
  }

  #decode(payload: Uint8Array, type: protobuf.Type): string {
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
    const { form, members } = this.#planOf(type);
    switch (form) {
      case 'object':
        return this.#object(message, members);
      case 'only-field':
        return this.#onlyField(message, type);
      case 'string':
        return stringTypeJson(message, type);
      case 'any':
        return this.#any(message, type);
      case 'value':
        return this.#value(message, type);
    }
  }

  #planOf(type: protobuf.Type): MessagePlan {
    const known = this.#plans.get(type);
    if (known !== undefined) return known;
    const members = type.fieldsArray.map((field) => {
      const key = `${JSON.stringify(jsonName(field.resolve()))}:`;
      return { field, key, absent: this.#absent(field) };
    });
    const plan = { form: jsonFormOf(type), members };
    this.#plans.set(type, plan);
    return plan;
  }

  #object(message: object, members: readonly MemberPlan[]): string {
    const written: string[] = [];
    for (const { field, key, absent } of members) {
      const value = valueIn(message, field);
      const json = isUnset(value) ? absent : this.#field(value, field);
      if (json === undefined) continue;
      this.#budget.spend(key.length + (json === absent ? absent.length : 0));
      written.push(key + json);
    }
    return `{${written.join(',')}}`;
  }

  #absent(field: protobuf.Field): string | undefined {
    if (isExtension(field)) return undefined;
    if (field instanceof protobuf.MapField || spelledOutEntry(field) !== undefined) return '{}';
    if (field.repeated) return '[]';
    const canBeAbsent = field.hasPresence || field.resolvedType instanceof protobuf.Type;
    return canBeAbsent ? undefined : this.#single(field.typeDefault, field);
  }

  #field(value: unknown, field: protobuf.Field): string {
    if (field instanceof protobuf.MapField) return this.#map(value, field);
    if (!field.repeated) return this.#single(value, field);
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    const entryType = spelledOutEntry(field);
    return entryType === undefined
      ? `[${items.map((item) => this.#single(item, field)).join(',')}]`
      : this.#entries(items, entryType);
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
    const [member] = this.#planOf(type).members;
    if (member === undefined) return '{}';
    const value = valueIn(message, member.field);
    return isUnset(value)
      ? (member.absent ?? this.#single(member.field.typeDefault, member.field))
      : this.#field(value, member.field);
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
    const json = this.#decode(bytes, inner);
    this.#anyDepth -= 1;
    if (isWellKnown(inner)) return `{${name},"value":${json}}`;
    return json === '{}' ? `{${name}}` : `{${name},${json.slice(1)}`;
  }

  #single(value: unknown, { resolvedType, type }: Pick<protobuf.Field, 'resolvedType' | 'type'>): string {
    if (resolvedType instanceof protobuf.Enum) {
      const json = enumJson(value, resolvedType);
      this.#budget.spend(json.length);
      return json;
    }
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

function objectJson(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}

/** Numbers that the schema has no name for are numbers. */
function enumJson(value: unknown, { fullName, valuesById }: protobuf.Enum): string {
  if (fullName === '.google.protobuf.NullValue') return 'null';
  const name = valuesById[Number(value)];
  return name === undefined ? String(value) : JSON.stringify(name);
}
