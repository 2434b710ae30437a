/**
 * Avro schemas as a reader of values needs them (https://avro.apache.org/docs/1.12.0/specification/). What only
 * concerns writers is not checked: names may have hyphens or any characters, as Debezium and .NET write them, and
 * defaults may be anything. Libraries refuse such schemas, and with them every value of their topics.
 */
import { isObject } from '../json/untrusted-json.ts';
import type { RegisteredSchema } from './registry.ts';

export type AvroType =
  | { readonly kind: 'primitive'; readonly name: AvroPrimitive }
  | AvroFixed
  | { readonly kind: 'decimal'; readonly underlying: AvroFixed | AvroBytes; readonly scale: number }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord;

export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

export interface AvroRecord {
  readonly kind: 'record';
  /** Complete once the whole schema is parsed: a record may hold itself. */
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
}

interface AvroFixed {
  readonly kind: 'fixed';
  readonly size: number;
}

interface AvroBytes {
  readonly kind: 'primitive';
  readonly name: 'bytes';
}

/** @throws an error that says what is wrong with the schema or one of its references. */
export function parseAvroSchema({ text, references }: RegisteredSchema): AvroType {
  const parser = new AvroSchemaParser();
  for (const reference of references) parser.parse(reference.text);
  return parser.parse(text);
}

const PRIMITIVES: ReadonlyMap<string, AvroType> = new Map(
  (['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const).map(
    (name) => [name, { kind: 'primitive', name }] as const,
  ),
);

type SchemaObject = Readonly<Record<string, unknown>>;

class AvroSchemaParser {
  /** Types by their full names. The first of several definitions counts, as in Confluent's clients. */
  readonly #named = new Map<string, AvroType>();

  parse(text: string): AvroType {
    return this.#type(parseJsonOrName(text), '');
  }

  #type(schema: unknown, namespace: string): AvroType {
    if (typeof schema === 'string') return this.#typeNamed(schema, namespace);
    if (Array.isArray(schema)) {
      return { kind: 'union', branches: schema.map((branch: unknown) => this.#type(branch, namespace)) };
    }
    if (!isObject(schema)) throw new Error('a type is neither a name, nor an object, nor a list');
    switch (schema['type']) {
      case 'record':
      case 'error':
        return this.#record(schema, namespace);
      case 'enum':
        return this.#define(schema, namespace, { kind: 'enum', symbols: textsIn(schema, 'symbols') });
      case 'fixed':
        return this.#fixed(schema, namespace);
      case 'array':
        return { kind: 'array', items: this.#type(schema['items'], namespace) };
      case 'map':
        return { kind: 'map', values: this.#type(schema['values'], namespace) };
      default:
        return withLogicalType(this.#type(schema['type'], namespace), schema);
    }
  }

  #typeNamed(name: string, namespace: string): AvroType {
    const type =
      PRIMITIVES.get(name) ?? this.#named.get(fullNameOf(name, namespace)) ?? this.#named.get(name);
    if (type === undefined)
      throw new Error(`it uses the type ${name}, which neither it nor its references define`);
    return type;
  }

  #record(schema: SchemaObject, namespace: string): AvroType {
    const fields: AvroField[] = [];
    const record = this.#define(schema, namespace, { kind: 'record', fields });
    const declared: unknown = schema['fields'];
    if (!Array.isArray(declared))
      throw new Error(`the record ${textIn(schema, 'name')} has no list of fields`);
    const inner = namespaceOf(schema, namespace);
    for (const field of declared as readonly unknown[]) {
      if (!isObject(field))
        throw new Error(`a field of the record ${textIn(schema, 'name')} is not an object`);
      fields.push({ name: textIn(field, 'name'), type: this.#type(field['type'], inner) });
    }
    return record;
  }

  #fixed(schema: SchemaObject, namespace: string): AvroType {
    const { size } = schema;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw new Error(`the fixed type ${textIn(schema, 'name')} has no valid size`);
    }
    return this.#define(schema, namespace, withLogicalType({ kind: 'fixed', size }, schema));
  }

  #define(schema: SchemaObject, namespace: string, type: AvroType): AvroType {
    const fullName = fullNameOf(textIn(schema, 'name'), namespaceOf(schema, namespace));
    if (!this.#named.has(fullName)) this.#named.set(fullName, type);
    return type;
  }
}

/** A logical type that does not fit its type is ignored, as the specification wants it. */
function withLogicalType(type: AvroType, { logicalType, scale = 0 }: SchemaObject): AvroType {
  if (logicalType !== 'decimal' || typeof scale !== 'number' || !Number.isSafeInteger(scale) || scale < 0) {
    return type;
  }
  if (type.kind === 'fixed') return { kind: 'decimal', underlying: type, scale };
  const isBytes = type.kind === 'primitive' && type.name === 'bytes';
  return isBytes ? { kind: 'decimal', underlying: { kind: 'primitive', name: 'bytes' }, scale } : type;
}

/** A name with a dot is a full name whatever the namespace around it. */
function fullNameOf(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

/** The namespace that a definition gives to the names inside of it. */
function namespaceOf(schema: SchemaObject, enclosing: string): string {
  const name = textIn(schema, 'name');
  if (name.includes('.')) return name.slice(0, name.lastIndexOf('.'));
  const { namespace } = schema;
  return typeof namespace === 'string' ? namespace : enclosing;
}

/** The name of a primitive type is a schema too, and older registries store it without its quotes. */
function parseJsonOrName(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}

function textIn(schema: SchemaObject, key: string): string {
  const value = schema[key];
  if (typeof value !== 'string') throw new Error(`a definition has no ${key}`);
  return value;
}

function textsIn(schema: SchemaObject, key: string): readonly string[] {
  const values: unknown = schema[key];
  const isList = Array.isArray(values) && values.every((value) => typeof value === 'string');
  if (!isList) throw new Error(`${textIn(schema, 'name')} has no list of ${key}`);
  return values;
}
