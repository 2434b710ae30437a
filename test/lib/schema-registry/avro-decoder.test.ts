import { Type } from 'avsc';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileAvro } from '../../../lib/schema-registry/avro-decoder.ts';
import { UndecodableError } from '../../../lib/schema-registry/undecodable-error.ts';
import type { SchemaId } from '../../../lib/schema-registry/schema-id.ts';
import { makeSchema, zigzag } from '../../support/builders/framed-values.ts';

const CONFLUENT: SchemaId = { kind: 'confluent-id', id: 1 };
const GLUE: SchemaId = { kind: 'glue', versionId: '00000000-0000-0000-0000-000000000000' };

function decode(
  schema: unknown,
  payload: Uint8Array,
  schemaId = CONFLUENT,
  references: unknown[] = [],
): string {
  return decodeText(JSON.stringify(schema), payload, schemaId, references);
}

function decodeText(
  text: string,
  payload: Uint8Array,
  schemaId: SchemaId,
  references: unknown[] = [],
): string {
  const read = compileAvro(
    makeSchema({
      text,
      references: references.map((each, index) => ({ name: `r${index}`, text: JSON.stringify(each) })),
    }),
  );
  return String(read({ kind: 'framed', schemaId, payload, isCompressed: false }));
}

/** A schema, with a way to make values of it and the JSON that they are to become. */
interface Sample {
  readonly schema: unknown;
  readonly value: fc.Arbitrary<{ readonly avro: unknown; readonly json: unknown }>;
}

const same = <Value>(values: fc.Arbitrary<Value>) => values.map((value) => ({ avro: value, json: value }));
const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const base64 = (values: fc.Arbitrary<Buffer>) =>
  values.map((value) => ({ avro: value, json: value.toString('base64') }));

/** avsc writes longs beyond 52 bits wrong; they have a test of their own. */
const long = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });

const leaf: readonly Sample[] = [
  { schema: 'null', value: same(fc.constant(null)) },
  { schema: 'boolean', value: same(fc.boolean()) },
  { schema: 'int', value: same(fc.integer()) },
  { schema: 'long', value: same(long) },
  { schema: 'double', value: same(fc.double({ noNaN: true, noDefaultInfinity: true })) },
  { schema: 'string', value: same(fc.string({ unit: 'grapheme' })) },
  { schema: 'bytes', value: base64(bytes) },
];

const named: readonly Sample[] = [
  { schema: { type: 'enum', name: 'Suit', symbols: ['S', 'H'] }, value: same(fc.constantFrom('S', 'H')) },
  {
    schema: { type: 'fixed', name: 'Four', size: 4 },
    value: base64(fc.uint8Array({ minLength: 4, maxLength: 4 }).map((array) => Buffer.from(array))),
  },
];

const pairs = (sample: Sample) => fc.array(sample.value, { maxLength: 5 });

const containers: readonly ((inner: Sample) => Sample)[] = [
  (inner) => ({
    schema: { type: 'array', items: inner.schema },
    value: pairs(inner).map((items) => ({
      avro: items.map(({ avro }) => avro),
      json: items.map(({ json }) => json),
    })),
  }),
  (inner) => ({
    schema: { type: 'map', values: inner.schema },
    value: fc.dictionary(fc.string(), inner.value).map((entries) => ({
      avro: Object.fromEntries(Object.entries(entries).map(([key, { avro }]) => [key, avro])),
      json: Object.fromEntries(Object.entries(entries).map(([key, { json }]) => [key, json])),
    })),
  }),
  (inner) => ({
    schema: {
      type: 'record',
      name: 'Pair',
      fields: [
        { name: 'first', type: 'long' },
        { name: 'second', type: inner.schema },
      ],
    },
    value: fc.tuple(long, inner.value).map(([first, { avro, json }]) => ({
      avro: { first, second: avro },
      json: { first, second: json },
    })),
  }),
];

const optional = (inner: Sample): Sample => ({
  schema: ['null', inner.schema],
  value: fc.option(inner.value, { nil: { avro: null, json: null } }),
});

const samples: readonly Sample[] = [...leaf, ...named].flatMap((each) => [
  each,
  ...containers.map((container) => container(each)),
  ...(each.schema === 'null' ? [] : containers.map((container) => container(optional(each)))),
]);

it.each(samples.map((sample) => [JSON.stringify(sample.schema), sample] as const))(
  'Avro data of %s become the JSON of the value that was written',
  (_text, { schema, value }) => {
    const type = Type.forSchema(schema as never, { wrapUnions: 'never' });
    fc.assert(
      fc.property(value, ({ avro, json }) => {
        const decoded: unknown = JSON.parse(decode(schema, type.toBuffer(avro), GLUE));
        expect(decoded).toEqual(json);
      }),
      { numRuns: 30 },
    );
  },
);

it('an Avro long keeps every digit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(decode('long', zigzag(value))).toBe(String(value));
    }),
  );
});

it('an Avro decimal keeps every digit, as a string', () => {
  const schema = { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 2 };
  const written = (unscaled: bigint): Buffer => {
    const hex = BigInt.asUintN(128, unscaled).toString(16).padStart(32, '0');
    return Buffer.concat([zigzag(16n), Buffer.from(hex, 'hex')]);
  };
  expect(decode(schema, written(-5n))).toBe('"-0.05"');
  expect(decode(schema, written(123_456_789_012_345_678_901n))).toBe('"1234567890123456789.01"');
  const withoutScale = { type: 'fixed', size: 1, name: 'F', logicalType: 'decimal', precision: 2 };
  expect(decode(withoutScale, Buffer.from([0xff]))).toBe('"-1"');
});

it('an Avro float has its shortest digits, and a double is a floating-point number for every reader', () => {
  const float = Buffer.alloc(4);
  float.writeFloatLE(19.99);
  expect(decode('float', float)).toBe('19.99');
  const double = Buffer.alloc(8);
  double.writeDoubleLE(2 ** 64);
  expect(decode('double', double)).toBe('18446744073709552000.0');
});

it.each([
  ['a NaN', 'double', Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x7f]), '"NaN"'],
  ['an infinity', 'double', Buffer.from([0, 0, 0, 0, 0, 0, 0xf0, 0xff]), '"-Infinity"'],
  [
    'another logical type',
    { type: 'long', logicalType: 'timestamp-micros' },
    zigzag(1_790_000_000_000_001n),
    '1790000000000001',
  ],
  [
    'a decimal on a type that cannot be one',
    { type: 'int', logicalType: 'decimal', precision: 2 },
    zigzag(7n),
    '7',
  ],
  [
    'a decimal whose scale is not a whole number',
    { type: 'bytes', logicalType: 'decimal', scale: 0.5 },
    Buffer.concat([zigzag(1n), Buffer.from([1])]),
    '"AQ=="',
  ],
  ['an ambiguous union', ['int', 'long'], Buffer.concat([zigzag(1n), zigzag(2n ** 60n)]), String(2n ** 60n)],
  [
    'a default that a JavaScript number cannot hold',
    {
      type: 'record',
      name: 'R',
      fields: [{ name: 'a', type: 'long', default: 9223372036854775807n.toString() }],
    },
    zigzag(1n),
    '{"a":1}',
  ],
  [
    'a map with one key twice, of which the last counts',
    { type: 'map', values: 'int' },
    Buffer.from([4, 2, 0x61, 2, 2, 0x61, 4, 0]),
    '{"a":2}',
  ],
  ['a type that is wrapped twice', { type: { type: 'int' } }, zigzag(7n), '7'],
  ['a schema of older registries, a name without quotes', undefined, zigzag(7n), '7'],
])('Avro data of %s are readable', (_what, schema, payload, json) => {
  const text = schema === undefined ? ' long\n' : JSON.stringify(schema);
  expect(decodeText(text, payload, GLUE)).toBe(json);
});

it("all of the payload is the value where Confluent's serializer wrote plain bytes", () => {
  expect(decode('bytes', Buffer.from('abc'))).toBe('"YWJj"');
  expect(decode('bytes', Buffer.concat([zigzag(3n), Buffer.from('abc')]), GLUE)).toBe('"YWJj"');
});

/** Names as producers write them, valid or not. */
const anyName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((name) => !name.includes('.'));

it('names are a matter of writers: any names of records, fields, enums, symbols and namespaces are read', () => {
  const names = fc.uniqueArray(anyName, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(names, ([namespace, record, field, type, symbol]) => {
      const schema = {
        type: 'record',
        name: record,
        namespace,
        fields: [
          { name: field, type: 'int' },
          { name: type, type: { type: 'enum', name: type, symbols: [symbol] } },
          { name: symbol, type: ['null', `${String(namespace)}.${String(type)}`] },
        ],
      };
      const payload = Buffer.concat([zigzag(5n), zigzag(0n), zigzag(1n), zigzag(0n)]);
      expect(JSON.parse(decode(schema, payload))).toEqual(
        JSON.parse(JSON.stringify({ [String(field)]: 5, [String(type)]: symbol, [String(symbol)]: symbol })),
      );
    }),
  );
});

it.each([
  [
    'a hyphen in a namespace, usual with Debezium',
    {
      type: 'record',
      name: 'Value',
      namespace: 'my-server.inventory.orders',
      fields: [{ name: 'order-id', type: 'int' }],
    },
    zigzag(1n),
    '{"order-id":1}',
  ],
  [
    'letters beyond ASCII',
    {
      type: 'record',
      name: 'R',
      fields: [
        { name: 'größe', type: 'int' },
        { name: 'art', type: { type: 'enum', name: 'E', symbols: ['Ä', 'B'] } },
      ],
    },
    Buffer.concat([zigzag(3n), zigzag(0n)]),
    '{"größe":3,"art":"Ä"}',
  ],
])('Avro names with %s are read', (_what, schema, payload, json) => {
  expect(decode(schema, payload)).toBe(json);
});

it('an Avro schema may use types of the schemas that it references', () => {
  const money = { type: 'record', name: 'shop.Money', fields: [{ name: 'cents', type: 'long' }] };
  const order = {
    type: 'record',
    name: 'Order',
    namespace: 'shop',
    fields: [{ name: 'total', type: 'Money' }],
  };
  expect(decode(order, zigzag(5n), CONFLUENT, [money])).toBe('{"total":{"cents":5}}');
});

it('an Avro schema that is a union of references, as topics with several kinds of events have, is read', () => {
  const paid = { type: 'record', name: 'shop.Paid', fields: [{ name: 'cents', type: 'long' }] };
  const lost = { type: 'record', name: 'shop.Lost', fields: [] };
  const payload = Buffer.concat([zigzag(0n), zigzag(7n)]);
  expect(decode(['shop.Paid', 'shop.Lost'], payload, CONFLUENT, [paid, lost])).toBe('{"cents":7}');
});

it('of a type that references define twice, the first definition counts', () => {
  const first = { type: 'record', name: 'Money', fields: [{ name: 'cents', type: 'long' }] };
  const second = { type: 'record', name: 'Money', fields: [{ name: 'euros', type: 'string' }] };
  expect(decode({ type: 'array', items: 'Money' }, Buffer.from([2, 14, 0]), GLUE, [first, second])).toBe(
    '[{"cents":7}]',
  );
});

it('an Avro name means a type of its own namespace first, then one without a namespace', () => {
  const text = {
    type: 'record',
    name: 'a.b.R',
    namespace: 'ignored',
    fields: [
      { name: 'own', type: { type: 'enum', name: 'E', symbols: ['OWN'] } },
      { name: 'again', type: 'E' },
      { name: 'outer', type: 'F' },
    ],
  };
  const references = [
    { type: 'enum', name: 'E', symbols: ['OTHER'] },
    { type: 'enum', name: 'F', symbols: ['F'] },
  ];
  expect(decode(text, Buffer.from([0, 0, 0]), CONFLUENT, references)).toBe(
    '{"own":"OWN","again":"OWN","outer":"F"}',
  );
});

/** Schemas that define and use few names in several namespaces; many of them use names that are not defined. */
const namesInNamespaces = fc.letrec<{ readonly schema: unknown; readonly definition: unknown }>((tie) => {
  const simple = fc.constantFrom('A', 'B', 'C');
  const full = fc.constantFrom('n.A', 'm.o.B');
  const within = fc.constantFrom({}, { namespace: '' }, { namespace: 'n' }, { namespace: 'm.o' });
  // The specification has a full name take precedence over a namespace beside it, and avsc does not.
  const identity = fc.oneof(
    full.map((name) => ({ name })),
    fc.tuple(simple, within).map(([name, namespace]) => ({ name, ...namespace })),
  );
  const fields = fc
    .array(tie('schema'), { minLength: 1, maxLength: 3 })
    .map((types) => types.map((type, index) => ({ name: `f${index}`, type })));
  return {
    definition: fc.oneof(
      fc.tuple(identity, fields).map(([own, members]) => ({ type: 'record', ...own, fields: members })),
      fc
        .tuple(identity, fc.uniqueArray(simple, { minLength: 1 }))
        .map(([own, symbols]) => ({ type: 'enum', ...own, symbols })),
    ),
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('int', 'string', 'null'),
      fc.oneof(simple, full),
      tie('definition'),
      tie('schema').map((items) => ({ type: 'array', items })),
    ),
  };
}).definition;

it('names of an Avro schema mean what avsc takes them for, in every namespace', () => {
  fc.assert(
    fc.property(namesInNamespaces, fc.uint8Array({ maxLength: 12 }), (schema, payload) => {
      fc.pre(isValidForAvsc(schema));
      // Everything that avsc writes has its full name.
      const qualified = Type.forSchema(schema as never).schema();
      expect(outcome(schema, payload)).toBe(outcome(qualified, payload));
    }),
    { numRuns: 300 },
  );
});

function isValidForAvsc(schema: unknown): boolean {
  try {
    Type.forSchema(schema as never);
    return true;
  } catch {
    return false;
  }
}

function outcome(schema: unknown, payload: Uint8Array): string {
  try {
    return decode(schema, payload);
  } catch (error) {
    return String(error);
  }
}

it('an Avro type may hold itself', () => {
  const list = {
    type: 'record',
    name: 'List',
    fields: [
      { name: 'head', type: 'int' },
      { name: 'tail', type: ['null', 'List'] },
    ],
  };
  const payload = Buffer.concat([zigzag(1n), zigzag(1n), zigzag(2n), zigzag(0n)]);
  expect(decode(list, payload)).toBe('{"head":1,"tail":{"head":2,"tail":null}}');
});

it.each([
  ['uses an undefined type', 'Money', 'uses the type Money'],
  ['has a record without fields', { type: 'record', name: 'R' }, 'the record R has no list of fields'],
  ['has an enum without symbols', { type: 'enum', name: 'E' }, 'E has no list of symbols'],
  ['has a fixed type without a size', { type: 'fixed', name: 'F' }, 'F has no valid size'],
  ['has a definition without a name', { type: 'fixed', size: 1 }, 'has no name'],
  ['has a number for a type', { type: 'array', items: 7 }, 'neither a name'],
])('an Avro schema that %s is unusable, and the error says why', (_what, schema, message) => {
  expect(() => decode(schema, Buffer.alloc(0))).toThrow(message);
});

const bombs: readonly (readonly [string, unknown, Buffer])[] = [
  ['an array that claims a quadrillion items', { type: 'array', items: 'int' }, zigzag(10n ** 15n)],
  ['as many items that take no bytes', { type: 'array', items: 'null' }, zigzag(10n ** 15n)],
  ['a string longer than the value', 'string', zigzag(10n ** 15n)],
  ['a length below zero', 'string', zigzag(-1n)],
  ['a branch that the union does not have', ['null', 'int'], zigzag(2n)],
  ['a branch below zero', ['null', 'int'], zigzag(-1n)],
  ['a symbol that the enum does not have', { type: 'enum', name: 'E', symbols: ['A'] }, zigzag(1n)],
  ['text that is not UTF-8', 'string', Buffer.concat([zigzag(1n), Buffer.from([0xff])])],
  ['an integer without an end', 'long', Buffer.alloc(11, 0xff)],
  ['bytes left over', 'int', Buffer.from([2, 2])],
  ['nothing', 'int', Buffer.alloc(0)],
  [
    'a record that holds itself',
    { type: 'record', name: 'R', fields: [{ name: 'r', type: 'R' }] },
    Buffer.from([1]),
  ],
];

it.each(bombs)('bytes that are not Avro data of the schema are refused: %s', (_what, schema, payload) => {
  expect(() => decode(schema, payload)).toThrow(UndecodableError);
});

it('a short Avro value that becomes megabytes of JSON is refused as too large', () => {
  const name = 'x'.repeat(1_000);
  const empty = { type: 'record', name: 'Empty', fields: [{ name, type: 'null' }] };
  const symbols = { type: 'enum', name: 'Symbols', symbols: [name] };
  const items = Buffer.concat([zigzag(100_000n), Buffer.alloc(100_001)]);
  for (const schema of [empty, symbols]) {
    const expected = expect.objectContaining({ code: 'too-large' }) as Error;
    expect(() => decode({ type: 'array', items: schema }, items)).toThrow(expected);
  }
});

it('any bytes are refused as Avro data or decoded to JSON', () => {
  const schema = {
    type: 'record',
    name: 'R',
    fields: [
      { name: 'a', type: { type: 'array', items: ['null', 'string', { type: 'map', values: 'long' }] } },
      { name: 'd', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 3 } },
      { name: 'f', type: 'float' },
    ],
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (payload) => {
      try {
        JSON.parse(decode(schema, payload));
      } catch (error) {
        expect(error).toBeInstanceOf(UndecodableError);
      }
    }),
  );
});
