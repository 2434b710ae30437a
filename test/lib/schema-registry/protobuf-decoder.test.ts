import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { UndecodableError } from '../../../lib/schema-registry/byte-cursor.ts';
import type { FramedValue } from '../../../lib/schema-registry/framing.ts';
import { compileProtobuf } from '../../../lib/schema-registry/protobuf-decoder.ts';
import { makeSchema, zigzag } from '../../support/builders/framed-values.ts';

const FIRST = Buffer.from([0]);

interface Written {
  readonly text: string;
  readonly message: string;
  readonly value: object;
  readonly index?: Uint8Array;
  readonly framed?: Partial<FramedValue>;
  readonly references?: readonly { readonly name: string; readonly text: string }[];
}

function encoded(text: string, message: string, value: object): Uint8Array {
  const root = new protobuf.Root();
  const { imports = [] } = protobuf.parse(text, root, { keepCase: true });
  for (const name of imports) {
    const nested = protobuf.common.get(name)?.nested;
    if (nested !== undefined) root.addJSON(nested);
  }
  const type = root.lookupType(message);
  return type.encode(type.fromObject(value)).finish();
}

function decode(
  text: string,
  payload: Uint8Array,
  framed: Partial<FramedValue> = {},
  references: Written['references'] = [],
): string {
  const read = compileProtobuf(makeSchema({ type: 'protobuf', text, references }));
  const schemaId = { kind: 'confluent-id', id: 1 } as const;
  return String(read({ kind: 'framed', schemaId, payload, isCompressed: false, ...framed }));
}

function roundTrip({ text, message, value, index = FIRST, framed = {}, references = [] }: Written): unknown {
  const payload = Buffer.concat([index, encoded(text, message, value)]);
  return JSON.parse(decode(text, payload, framed, references));
}

const ORDER = `syntax = "proto3"; package shop;
  import "google/protobuf/timestamp.proto";
  enum State { UNKNOWN = 0; PAID = 1; }
  message Order {
    message Line { string sku = 1; sint32 change_of_stock = 2; }
    string order_id = 1; int64 total = 2; uint64 checksum = 3; State state = 4;
    repeated Line lines = 5; map<string, int32> counts = 6; optional bool gift = 7; bytes raw = 8;
    google.protobuf.Timestamp paid_at = 9; oneof how { string card = 10; string cash = 11; }
    double rate = 12; map<uint64, string> by_number = 13; fixed64 nonce = 14 [json_name = "theNonce"];
  }
  message Cancelled { string order_id = 1; }`;

describe('a Protobuf message', () => {
  it('is ProtoJSON with numbers for 64-bit integers', () => {
    const value = {
      order_id: 'A-1',
      total: '-9007199254740993',
      checksum: '18446744073709551615',
      state: 'PAID',
      lines: [{ sku: 'x', change_of_stock: -1 }],
      counts: { a: 1 },
      gift: false,
      raw: Buffer.from([1, 2]),
      paid_at: { seconds: 1_790_000_000, nanos: 500_000_000 },
      card: '',
      rate: Number.NaN,
      by_number: { '18446744073709551615': 'max' },
      nonce: 5,
    };
    const json = decode(ORDER, Buffer.concat([FIRST, encoded(ORDER, 'shop.Order', value)]));
    expect(json).toBe(
      '{"orderId":"A-1","total":-9007199254740993,"checksum":18446744073709551615,"state":"PAID",' +
        '"lines":[{"sku":"x","changeOfStock":-1}],"counts":{"a":1},"gift":false,"raw":"AQI=",' +
        '"paidAt":"2026-09-21T14:13:20.500Z","card":"","rate":"NaN",' +
        '"byNumber":{"18446744073709551615":"max"},"theNonce":5}',
    );
  });

  it('shows fields without presence by their defaults, and leaves out those that can be absent', () => {
    expect(roundTrip({ text: ORDER, message: 'shop.Order', value: {} })).toEqual({
      orderId: '',
      total: 0,
      checksum: 0,
      state: 'UNKNOWN',
      lines: [],
      counts: {},
      raw: '',
      rate: 0,
      byNumber: {},
      theNonce: 0,
    });
  });

  it('is what was written, whatever it was', () => {
    const text = `syntax = "proto3"; message M { string s = 1; int64 i = 2; repeated uint32 r = 3; bool b = 4; bytes y = 5; }`;
    const value = fc.record({
      s: fc.string({ unit: 'grapheme' }),
      i: fc.maxSafeInteger(),
      r: fc.array(fc.nat()),
      b: fc.boolean(),
      y: fc.uint8Array({ maxLength: 10 }),
    });
    fc.assert(
      fc.property(value, (written) => {
        const expected = { ...written, y: Buffer.from(written.y).toString('base64') };
        expect(roundTrip({ text, message: 'M', value: written })).toEqual(expected);
      }),
    );
  });

  it.each([
    [
      'a wrapper',
      'google/protobuf/wrappers.proto',
      'google.protobuf.Int64Value',
      { value: '9007199254740993' },
      '9007199254740993',
    ],
    ['an empty wrapper', 'google/protobuf/wrappers.proto', 'google.protobuf.BoolValue', {}, 'false'],
    [
      'a duration',
      'google/protobuf/duration.proto',
      'google.protobuf.Duration',
      { seconds: 3, nanos: 500_000_000 },
      '"3.500s"',
    ],
    [
      'a struct',
      'google/protobuf/struct.proto',
      'google.protobuf.Struct',
      { fields: { a: { listValue: { values: [{ numberValue: 1 }, { nullValue: 0 }] } } } },
      '{"a":[1,null]}',
    ],
    [
      'anything',
      'google/protobuf/any.proto',
      'google.protobuf.Any',
      { type_url: 'type.googleapis.com/shop.Unknown', value: Buffer.from([8, 1]) },
      '{"typeUrl":"type.googleapis.com/shop.Unknown","value":"CAE="}',
    ],
  ])('may hold %s', (_what, file, type, inner, json) => {
    const text = `syntax = "proto3"; import "${file}"; message M { ${type} inner = 1; }`;
    const payload = Buffer.concat([FIRST, encoded(text, 'M', { inner })]);
    expect(decode(text, payload)).toBe(`{"inner":${json}}`);
  });

  it.each([
    ['the first', FIRST, 'shop.Order', 'orderId'],
    ['the first, its path written out', Buffer.concat([zigzag(1n), zigzag(0n)]), 'shop.Order', 'orderId'],
    ['the second', Buffer.concat([zigzag(1n), zigzag(1n)]), 'shop.Cancelled', 'orderId'],
    ['one inside another', Buffer.concat([zigzag(2n), zigzag(0n), zigzag(0n)]), 'shop.Order.Line', 'sku'],
  ])("is %s of the file, as Confluent's message index says", (_what, index, message, field) => {
    expect(roundTrip({ text: ORDER, message, value: {}, index })).toHaveProperty(field);
  });

  it('is the one that the index in the header names, with the value bare', () => {
    const payload = encoded(ORDER, 'shop.Cancelled', { order_id: 'A-1' });
    const headerRest = Buffer.concat([zigzag(1n), zigzag(1n)]);
    expect(decode(ORDER, payload, { headerRest })).toBe('{"orderId":"A-1"}');
  });

  // The example in MessageIndexFinder.java of awslabs/aws-glue-schema-registry.
  it.each([
    [0, 'B'],
    [1, 'B.A'],
    [2, 'B.A.D'],
    [3, 'B.C'],
  ])("is number %i in the order of names, as AWS Glue's message index says: %s", (index, message) => {
    const text = `syntax = "proto2"; message B { optional int32 b = 1; message C { optional int32 c = 1; }
      message A { optional int32 a = 1; message D { optional int32 d = 1; } } }`;
    const field = message.slice(-1).toLowerCase();
    const framed = { schemaId: { kind: 'glue', versionId: '' } } as const;
    const json = roundTrip({ text, message, value: { [field]: 1 }, index: Buffer.from([index]), framed });
    expect(json).toEqual({ [field]: 1 });
  });

  it('may be of types that its schema imports, which import others', () => {
    const text = `syntax = "proto3"; package shop; import "money.proto"; import "confluent/meta.proto";
      import "google/protobuf/descriptor.proto";
      extend google.protobuf.FieldOptions { string note = 50000; }
      message Order { shop.money.Amount total = 1 [(note) = "n"]; }`;
    const references = [
      {
        name: 'cents.proto',
        text: 'syntax = "proto3"; package shop.money; message Cents { int64 value = 1; }',
      },
      {
        name: 'money.proto',
        text: 'syntax = "proto3"; package shop.money; import "cents.proto"; message Amount { Cents cents = 1; }',
      },
    ];
    const payload = Buffer.from([0, 0x0a, 4, 0x0a, 2, 8, 7]);
    expect(decode(text, payload, {}, references)).toBe('{"total":{"cents":{"value":7}}}');
  });

  it('cannot be read where an import is missing, which is named', () => {
    const text = 'syntax = "proto3"; import "money.proto"; message M { Money m = 1; }';
    expect(() => decode(text, FIRST)).toThrow(/money\.proto, which is not among its references/);
  });
});

describe('bytes that are no Protobuf message of the schema', () => {
  it.each([
    ['an index beyond the file', Buffer.concat([zigzag(1n), zigzag(9n)])],
    ['an index below zero', Buffer.concat([zigzag(1n), zigzag(-1n)])],
    ['an index that claims a million steps', zigzag(1_000_000n)],
    ['nothing at all', Buffer.alloc(0)],
    ['a field that ends too early', Buffer.from([0, 0x0a, 200])],
    ['a group without an end', Buffer.from([0, 0x0b])],
  ])('are refused: %s', (_what, payload) => {
    expect(() => decode(ORDER, payload)).toThrow(UndecodableError);
  });

  it('are refused or decoded, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (payload) => {
        try {
          JSON.parse(decode(ORDER, Buffer.concat([FIRST, payload])));
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableError);
        }
      }),
    );
  });
});
