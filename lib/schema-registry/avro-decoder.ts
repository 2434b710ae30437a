/**
 * Avro binary data as JSON text (https://avro.apache.org/docs/1.12.0/specification/#binary-encoding). avsc knows what
 * the schema means; the bytes are read here, since a value that claims a billion items must not be believed, and a
 * `long` has to keep all its digits.
 *
 * Unions are the value alone. `bytes` and `fixed` are base64, `decimal` is a string of its digits, NaN and infinities
 * are strings; every other logical type stays what it is written as (`timestamp-millis`: a number).
 */
import avsc, { type Schema, type Type, type types } from 'avsc';
import type { RegisteredSchema } from './registry.ts';
import { ByteCursor, UndecodableError } from './byte-cursor.ts';
import type { PayloadReader } from './framing.ts';
import { base64Json, bigEndianInteger, decimalJson, doubleJson } from './json-scalars.ts';

/** Reads one value and answers its JSON text. */
type ValueReader = (cursor: ByteCursor) => string;

/** @throws whatever avsc finds wrong with the schema. */
export function compileAvro({ text, references }: RegisteredSchema): PayloadReader {
  const registry = {};
  const options = { registry, logicalTypes: { decimal: DecimalType } };
  for (const reference of references) avsc.Type.forSchema(parseSchema(reference.text), options);
  const type = avsc.Type.forSchema(parseSchema(text), options);
  const read = new ValueReaders().of(type);
  return ({ payload, schemaId }) => {
    // Confluent's serializers write plain bytes without their length (KafkaAvroSerializer).
    if (type instanceof avsc.types.BytesType && schemaId.kind !== 'glue') return base64Json(payload);
    const cursor = new ByteCursor(payload);
    const json = read(cursor);
    if (cursor.remaining > 0) throw new UndecodableError(`${cursor.remaining} bytes are left over`);
    return json;
  };
}

/** Defaults are for readers of older data: avsc would refuse a schema for one that a JavaScript number cannot hold. */
function parseSchema(text: string): Schema {
  const withoutDefaults = (key: string, value: unknown): unknown => (key === 'default' ? undefined : value);
  try {
    return JSON.parse(text, withoutDefaults) as Schema;
  } catch {
    // The name of a primitive type is a schema too, and older registries store it without its quotes.
    return text.trim();
  }
}

class DecimalType extends avsc.types.LogicalType {
  readonly scale: number;

  constructor(schema: Schema, options?: unknown) {
    super(schema, options);
    const scale = typeof schema === 'object' && 'scale' in schema ? Number(schema['scale']) : 0;
    const isBytes = this.underlyingType instanceof avsc.types.BytesType;
    // Thrown, it makes avsc take the logical type for absent, as the specification wants it.
    if (!Number.isSafeInteger(scale) || scale < 0) throw new RangeError('a scale is a whole number');
    if (!isBytes && !(this.underlyingType instanceof avsc.types.FixedType))
      throw new TypeError('a decimal is bytes or fixed');
    this.scale = scale;
  }
}

class ValueReaders {
  readonly #known = new Map<Type, ValueReader>();

  /** Types may hold themselves, so a reader is looked up when it is first needed. */
  of(type: Type): ValueReader {
    let reader: ValueReader | undefined;
    return (cursor) => (reader ??= this.#reader(type))(cursor);
  }

  #reader(type: Type): ValueReader {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const made = this.#make(type);
    this.#known.set(type, made);
    return made;
  }

  #make(type: Type): ValueReader {
    if (type instanceof DecimalType) return decimalReader(type.underlyingType, type.scale);
    if (type instanceof avsc.types.LogicalType) return this.of(type.underlyingType);
    if (type instanceof avsc.types.RecordType) return this.#record(type);
    if (type instanceof avsc.types.ArrayType) return this.#array(type);
    if (type instanceof avsc.types.MapType) return this.#map(type);
    if (type instanceof avsc.types.WrappedUnionType || type instanceof avsc.types.UnwrappedUnionType) {
      return this.#union(type.types);
    }
    if (type instanceof avsc.types.EnumType) {
      const symbols = type.symbols.map((symbol) => JSON.stringify(symbol));
      return (cursor) => chosen(symbols, cursor, 'symbol');
    }
    if (type instanceof avsc.types.FixedType || type instanceof avsc.types.BytesType) {
      const read = bytesReader(type);
      return (cursor) => base64Json(read(cursor));
    }
    return primitiveReader(type.typeName);
  }

  #record({ fields }: types.RecordType): ValueReader {
    const members = fields.map(({ name, type }) => ({
      key: `${JSON.stringify(name)}:`,
      read: this.of(type),
    }));
    return (cursor) =>
      cursor.nested(() => `{${members.map(({ key, read }) => key + read(cursor)).join(',')}}`);
  }

  #array({ itemsType }: types.ArrayType): ValueReader {
    const read = this.of(itemsType);
    return (cursor) => cursor.nested(() => `[${readBlocks(cursor, read).join(',')}]`);
  }

  #map({ valuesType }: { readonly valuesType: Type }): ValueReader {
    const read = this.of(valuesType);
    const readEntry: ValueReader = (cursor) => `${JSON.stringify(readString(cursor))}:${read(cursor)}`;
    return (cursor) => cursor.nested(() => `{${readBlocks(cursor, readEntry).join(',')}}`);
  }

  #union(branches: readonly Type[]): ValueReader {
    const readers = branches.map((branch) => this.of(branch));
    return (cursor) => cursor.nested(() => chosen(readers, cursor, 'branch')(cursor));
  }
}

function primitiveReader(typeName: string): ValueReader {
  switch (typeName) {
    case 'null':
      return () => 'null';
    case 'boolean':
      return (cursor) => (cursor.byte() === 0 ? 'false' : 'true');
    case 'int':
    case 'long':
      return (cursor) => String(cursor.zigzag());
    case 'float':
      return (cursor) => doubleJson(cursor.take(4).readFloatLE());
    case 'double':
      return (cursor) => doubleJson(cursor.take(8).readDoubleLE());
    case 'string':
      return (cursor) => JSON.stringify(readString(cursor));
    default:
      throw new TypeError(`Avro has no type ${typeName}`);
  }
}

function decimalReader(underlying: Type, scale: number): ValueReader {
  if (!(underlying instanceof avsc.types.FixedType || underlying instanceof avsc.types.BytesType)) {
    throw new TypeError('a decimal is bytes or fixed');
  }
  const read = bytesReader(underlying);
  return (cursor) => decimalJson(bigEndianInteger(read(cursor)), scale);
}

function bytesReader(type: types.FixedType | types.BytesType): (cursor: ByteCursor) => Buffer {
  if (type instanceof avsc.types.FixedType) return (cursor) => cursor.take(type.size);
  return (cursor) => cursor.take(Number(cursor.zigzag()));
}

/** Blocks of items, each with its count; a negative count is followed by the size of the block in bytes. */
function readBlocks(cursor: ByteCursor, read: ValueReader): readonly string[] {
  const items: string[] = [];
  for (;;) {
    const count = Number(cursor.zigzag());
    if (count === 0) return items;
    if (count < 0) cursor.zigzag();
    for (let left = Math.abs(count); left > 0; left -= 1) {
      cursor.countItem();
      items.push(read(cursor));
    }
  }
}

function chosen<Choice>(choices: readonly Choice[], cursor: ByteCursor, what: string): Choice {
  const choice = choices[Number(cursor.zigzag())];
  if (choice === undefined) throw new UndecodableError(`it chooses a ${what} that the schema does not have`);
  return choice;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readString(cursor: ByteCursor): string {
  const bytes = cursor.take(Number(cursor.zigzag()));
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new UndecodableError('a string is not valid UTF-8');
  }
}
