/**
 * Avro binary data as JSON text (https://avro.apache.org/docs/1.12.0/specification/#binary-encoding), read here rather
 * than by a library: a value that claims a billion items must not be believed, and a `long` has to keep all its digits.
 *
 * Unions are the value alone. `bytes` and `fixed` are base64, `decimal` is a string of its digits, NaN and infinities
 * are strings; every other logical type stays what it is written as (`timestamp-millis`: a number).
 */
import { parseAvroSchema, type AvroField, type AvroPrimitive, type AvroType } from './avro-schema.ts';
import { ByteCursor } from './byte-cursor.ts';
import { UndecodableError } from './undecodable-error.ts';
import type { PayloadReader } from './framing.ts';
import { base64Json, bigEndianInteger, decimalJson, doubleJson, floatJson } from './json-scalars.ts';
import type { RegisteredSchema } from './registry.ts';

/** Reads one value and returns its JSON text. */
type ValueReader = (cursor: ByteCursor) => string;

/** @throws whatever is wrong with the schema. */
export function compileAvro(schema: RegisteredSchema): PayloadReader {
  const type = parseAvroSchema(schema);
  const isBytes = type.kind === 'primitive' && type.name === 'bytes';
  const read = new ValueReaders().of(type);
  return ({ payload, schemaId }) => {
    // Confluent's serializers write plain bytes without their length (KafkaAvroSerializer).
    if (isBytes && schemaId.kind !== 'glue') return base64Json(payload);
    const cursor = new ByteCursor(payload);
    const json = read(cursor);
    if (cursor.remaining > 0) throw new UndecodableError(`${cursor.remaining} bytes are left over`);
    return json;
  };
}

class ValueReaders {
  readonly #known = new Map<AvroType, ValueReader>();

  /** Types may hold themselves, so a reader is looked up when it is first needed. */
  of(type: AvroType): ValueReader {
    let reader: ValueReader | undefined;
    return (cursor) => (reader ??= this.#reader(type))(cursor);
  }

  #reader(type: AvroType): ValueReader {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const made = this.#make(type);
    this.#known.set(type, made);
    return made;
  }

  #make(type: AvroType): ValueReader {
    switch (type.kind) {
      case 'primitive':
        return primitiveReader(type.name);
      case 'fixed':
        return (cursor) => base64Json(cursor.take(type.size));
      case 'decimal': {
        const { underlying, scale } = type;
        const readBytes =
          underlying.kind === 'fixed' ? (cursor: ByteCursor) => cursor.take(underlying.size) : takeBytes;
        return (cursor) => decimalJson(bigEndianInteger(readBytes(cursor)), scale);
      }
      case 'enum': {
        const symbols = type.symbols.map((symbol) => JSON.stringify(symbol));
        return (cursor) => {
          const symbol = chosen(symbols, cursor, 'symbol');
          cursor.budget.spend(symbol.length);
          return symbol;
        };
      }
      case 'record':
        return this.#record(type.fields);
      case 'array':
        return this.#array(type.items);
      case 'map':
        return this.#map(type.values);
      case 'union':
        return this.#union(type.branches);
    }
  }

  #record(fields: readonly AvroField[]): ValueReader {
    const members = fields.map(({ name, type }) => ({
      key: `${JSON.stringify(name)}:`,
      read: this.of(type),
    }));
    const keyCharacters = members.reduce((sum, { key }) => sum + key.length, 0);
    return (cursor) =>
      cursor.nested(() => {
        cursor.budget.spend(keyCharacters);
        return `{${members.map(({ key, read }) => key + read(cursor)).join(',')}}`;
      });
  }

  #array(items: AvroType): ValueReader {
    const read = this.of(items);
    return (cursor) => cursor.nested(() => `[${readBlocks(cursor, read).join(',')}]`);
  }

  /** Read a map. The last of several entries with one key counts, as for other readers of Avro. */
  #map(values: AvroType): ValueReader {
    const read = this.of(values);
    const readEntry = (cursor: ByteCursor) => [JSON.stringify(readString(cursor)), read(cursor)] as const;
    return (cursor) =>
      cursor.nested(() => {
        const entries = [...new Map(readBlocks(cursor, readEntry))];
        return `{${entries.map(([key, json]) => `${key}:${json}`).join(',')}}`;
      });
  }

  #union(branches: readonly AvroType[]): ValueReader {
    const readers = branches.map((branch) => this.of(branch));
    return (cursor) => cursor.nested(() => chosen(readers, cursor, 'branch')(cursor));
  }
}

function primitiveReader(name: AvroPrimitive): ValueReader {
  switch (name) {
    case 'null':
      return () => 'null';
    case 'boolean':
      return (cursor) => (cursor.byte() === 0 ? 'false' : 'true');
    case 'int':
    case 'long':
      return (cursor) => String(cursor.zigzag());
    case 'float':
      return (cursor) => floatJson(cursor.take(4).readFloatLE());
    case 'double':
      return (cursor) => doubleJson(cursor.take(8).readDoubleLE());
    case 'bytes':
      return (cursor) => base64Json(takeBytes(cursor));
    case 'string':
      return (cursor) => JSON.stringify(readString(cursor));
  }
}

function takeBytes(cursor: ByteCursor): Buffer {
  return cursor.take(Number(cursor.zigzag()));
}

/** Read blocks of items, each with its count; a negative count is followed by the size of the block in bytes. */
function readBlocks<Item>(cursor: ByteCursor, read: (cursor: ByteCursor) => Item): readonly Item[] {
  const items: Item[] = [];
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
  const bytes = takeBytes(cursor);
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new UndecodableError('a string is not valid UTF-8');
  }
}
