/**
 * Responses of a registry with Confluent's API
 * (https://docs.confluent.io/platform/current/schema-registry/develop/api.html).
 */
import { isObject, isString, jsonField } from '../json/untrusted-json.ts';
import type { SchemaType } from './registry.ts';

export interface SchemaReference {
  /** The name in the schema that refers to it: a type's name in Avro, the file to import in Protobuf. */
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

export interface ConfluentSchema {
  readonly type: SchemaType;
  readonly text: string;
  readonly references: readonly SchemaReference[];
}

const TYPES: ReadonlyMap<unknown, SchemaType> = new Map<unknown, SchemaType>([
  // Registries leave the type out when it is Avro.
  [undefined, 'avro'],
  ['AVRO', 'avro'],
  ['PROTOBUF', 'protobuf'],
  ['JSON', 'json-schema'],
]);

/** Parse the body of `GET /schemas/ids/{id}` or `GET /subjects/{subject}/versions/{version}`, if it is one. */
export function parseSchemaResponse(body: unknown): ConfluentSchema | undefined {
  if (!isObject(body)) return undefined;
  const { schema: text, schemaType, references = [] } = body;
  const type = TYPES.get(schemaType ?? undefined);
  if (typeof text !== 'string' || type === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(references) ? references : [];
  return { type, text, references: list.flatMap(parseReference) };
}

/** Parse the subjects in the body of `GET /schemas/ids/{id}/versions`, which Apicurio has, unlike `…/subjects`. */
export function parseVersionsResponse(body: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(body) ? body : [];
  const subjects = list.map((version) => jsonField(version, 'subject')).filter(isString);
  return [...new Set(subjects)];
}

/**
 * True when the registry itself says that it has no such schema: codes 40401 to 40404 name what is missing. Any other
 * 404 comes from a server in between, or from one that is not a registry.
 */
export function isNotFoundResponse(body: unknown): boolean {
  return (
    isObject(body) && Number.isInteger(body['error_code']) && /^404\d\d$/.test(String(body['error_code']))
  );
}

function parseReference(reference: unknown): readonly SchemaReference[] {
  if (!isObject(reference)) return [];
  const { name, subject, version } = reference;
  const isComplete = typeof name === 'string' && typeof subject === 'string' && typeof version === 'number';
  return isComplete ? [{ name, subject, version }] : [];
}
