/**
 * What a registry with Confluent's API answers
 * (https://docs.confluent.io/platform/current/schema-registry/develop/api.html).
 */
import { isObject } from '../json/untrusted-json.ts';
import type { SchemaType } from './registry.ts';

export interface SchemaReference {
  /** What the schema calls it: a type's name in Avro, the file to import in Protobuf. */
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
  // A registry that knows Avro only does not say it.
  [undefined, 'avro'],
  ['AVRO', 'avro'],
  ['PROTOBUF', 'protobuf'],
  ['JSON', 'json-schema'],
]);

/** Of `GET /schemas/ids/{id}` and `GET /subjects/{subject}/versions/{version}`; undefined when it is none. */
export function parseSchemaResponse(body: unknown): ConfluentSchema | undefined {
  if (!isObject(body)) return undefined;
  const { schema: text, schemaType, references = [] } = body;
  const type = TYPES.get(schemaType ?? undefined);
  if (typeof text !== 'string' || type === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(references) ? references : [];
  return { type, text, references: list.flatMap(readReference) };
}

/** Of `GET /schemas/ids/{id}/subjects`. */
export function parseSubjectsResponse(body: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(body) ? body : [];
  return list.filter((subject) => typeof subject === 'string');
}

/**
 * True when the registry itself says that there is no such schema: 40401 to 40404 by what is missing. Any other 404
 * is somebody else's, who knows nothing of schemas.
 */
export function isNotFoundResponse(body: unknown): boolean {
  return (
    isObject(body) && Number.isInteger(body['error_code']) && /^404\d\d$/.test(String(body['error_code']))
  );
}

function readReference(reference: unknown): readonly SchemaReference[] {
  if (!isObject(reference)) return [];
  const { name, subject, version } = reference;
  const isWhole = typeof name === 'string' && typeof subject === 'string' && typeof version === 'number';
  return isWhole ? [{ name, subject, version }] : [];
}
