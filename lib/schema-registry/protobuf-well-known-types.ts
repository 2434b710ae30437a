/** Well-known types, which have a JSON of their own instead of an object of their fields. */
import type protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import { UndecodableError } from './undecodable-error.ts';

/**
 * `only-field`: the JSON of the single field, as for wrappers. `string`: a string that protobufjs writes as ProtoJSON
 * has it.
 */
export type JsonForm = 'object' | 'only-field' | 'string' | 'any' | 'value';

const WRAPPERS = ['Double', 'Float', 'Int64', 'UInt64', 'Int32', 'UInt32', 'Bool', 'String', 'Bytes'];

const FORMS: ReadonlyMap<string, JsonForm> = new Map(
  Object.entries({
    ...Object.fromEntries(WRAPPERS.map((name) => [`${name}Value`, 'only-field' as const])),
    Struct: 'only-field',
    ListValue: 'only-field',
    Value: 'value',
    Timestamp: 'string',
    Duration: 'string',
    FieldMask: 'string',
    Any: 'any',
    Empty: 'object',
  } satisfies Record<string, JsonForm>).map(([name, form]) => [`.google.protobuf.${name}`, form]),
);

export function jsonFormOf({ fullName }: protobuf.Type): JsonForm {
  return FORMS.get(fullName) ?? 'object';
}

/** True for types that an `Any` holds under `value` rather than beside its `@type`. */
export function isWellKnown({ fullName }: protobuf.Type): boolean {
  return FORMS.has(fullName);
}

export function stringTypeJson(message: object, type: protobuf.Type): string {
  try {
    return protojson.toJsonString(type, message);
  } catch {
    throw new UndecodableError(`it has a ${type.name} that ProtoJSON cannot express`);
  }
}
