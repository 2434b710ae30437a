import { create } from '@bufbuild/protobuf';
import {
  Edition,
  FeatureSet_FieldPresence,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, it } from 'vitest';
import { UndecodableError } from '../../../lib/schema-registry/undecodable-error.ts';
import type { FramedValue } from '../../../lib/schema-registry/framing.ts';
import { compileProtobuf } from '../../../lib/schema-registry/protobuf-decoder.ts';
import { makeSchema, zigzag } from '../../support/builders/framed-values.ts';
import { descriptorText } from '../../support/builders/protobuf-files.ts';

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

const MAP_ENTRY_FIELDS = [
  { name: 'key', number: 1, label: Label.OPTIONAL, type: Type.STRING },
  { name: 'value', number: 2, label: Label.OPTIONAL, type: Type.STRING },
];

it('a Protobuf message is ProtoJSON with numbers for 64-bit integers', () => {
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

it('a Protobuf message shows fields without presence by their defaults, and leaves out the others', () => {
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

it.each([
  ['the first', FIRST, 'shop.Order', 'orderId'],
  ['the first, its path written out', Buffer.concat([zigzag(1n), zigzag(0n)]), 'shop.Order', 'orderId'],
  ['the second', Buffer.concat([zigzag(1n), zigzag(1n)]), 'shop.Cancelled', 'orderId'],
  ['one inside another', Buffer.concat([zigzag(2n), zigzag(0n), zigzag(0n)]), 'shop.Order.Line', 'sku'],
])("Confluent's message index chooses %s of the file", (_what, index, message, field) => {
  expect(roundTrip({ text: ORDER, message, value: {}, index })).toHaveProperty(field);
});

it('a message index in the record header chooses the message of a bare value', () => {
  const payload = encoded(ORDER, 'shop.Cancelled', { order_id: 'A-1' });
  const headerRest = Buffer.concat([zigzag(1n), zigzag(1n)]);
  expect(decode(ORDER, payload, { headerRest })).toBe('{"orderId":"A-1"}');
});

const GLUE = { schemaId: { kind: 'glue', versionId: '' } } as const;

// The example in MessageIndexFinder.java of awslabs/aws-glue-schema-registry.
it.each([
  [0, 'B'],
  [1, 'B.A'],
  [2, 'B.A.D'],
  [3, 'B.C'],
])("AWS Glue's message index %i counts in the order of names: %s", (index, message) => {
  const text = `syntax = "proto2"; message B { optional int32 b = 1; message C { optional int32 c = 1; }
    message A { optional int32 a = 1; message D { optional int32 d = 1; } } }`;
  const field = message.slice(-1).toLowerCase();
  const json = roundTrip({ text, message, value: { [field]: 1 }, index: Buffer.from([index]), framed: GLUE });
  expect(json).toEqual({ [field]: 1 });
});

it("AWS Glue's message index counts the entries of maps, which Java has among the nested messages", () => {
  const text = `syntax = "proto3"; message B { map<string, int32> by_number = 1; message C { int32 c = 1; } }`;
  expect(decode(text, Buffer.from([2, 8, 1]), GLUE)).toBe('{"c":1}');
});

it('a message may be of types that its schema imports, which import others', () => {
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

it.each([
  ['google/type/calendar_period.proto', 'google.type.CalendarPeriod'],
  ['google/type/color.proto', 'google.type.Color'],
  ['google/type/date.proto', 'google.type.Date'],
  ['google/type/datetime.proto', 'google.type.DateTime'],
  ['google/type/dayofweek.proto', 'google.type.DayOfWeek'],
  ['google/type/decimal.proto', 'google.type.Decimal'],
  ['google/type/expr.proto', 'google.type.Expr'],
  ['google/type/fraction.proto', 'google.type.Fraction'],
  ['google/type/interval.proto', 'google.type.Interval'],
  ['google/type/latlng.proto', 'google.type.LatLng'],
  ['google/type/localized_text.proto', 'google.type.LocalizedText'],
  ['google/type/money.proto', 'google.type.Money'],
  ['google/type/month.proto', 'google.type.Month'],
  ['google/type/phone_number.proto', 'google.type.PhoneNumber'],
  ['google/type/postal_address.proto', 'google.type.PostalAddress'],
  ['google/type/quaternion.proto', 'google.type.Quaternion'],
  ['google/type/timeofday.proto', 'google.type.TimeOfDay'],
  ['google/protobuf/any.proto', 'google.protobuf.Any'],
  ['google/protobuf/api.proto', 'google.protobuf.Api'],
  ['google/protobuf/descriptor.proto', 'google.protobuf.FileDescriptorProto'],
  ['google/protobuf/duration.proto', 'google.protobuf.Duration'],
  ['google/protobuf/empty.proto', 'google.protobuf.Empty'],
  ['google/protobuf/field_mask.proto', 'google.protobuf.FieldMask'],
  ['google/protobuf/source_context.proto', 'google.protobuf.SourceContext'],
  ['google/protobuf/struct.proto', 'google.protobuf.Struct'],
  ['google/protobuf/timestamp.proto', 'google.protobuf.Timestamp'],
  ['google/protobuf/type.proto', 'google.protobuf.Type'],
  ['google/protobuf/wrappers.proto', 'google.protobuf.DoubleValue'],
  ['confluent/meta.proto', 'confluent.Meta'],
  ['confluent/type/decimal.proto', 'confluent.type.Decimal'],
  ['confluent/type/variant.proto', 'confluent.type.Variant'],
])('a schema may import %s without a reference', (file, type) => {
  const text = `syntax = "proto3"; package s; import "${file}"; message A { ${type} d = 1; int32 i = 2; }`;
  expect(JSON.parse(decode(text, Buffer.from([0, 0x10, 5])))).toMatchObject({ i: 5 });
});

it('a date of google.type, as Kafka Connect writes it, has its fields', () => {
  const text = 'syntax = "proto3"; import "google/type/date.proto"; message A { google.type.Date d = 1; }';
  expect(decode(text, Buffer.from('000a0708ea0f100b181c', 'hex'))).toBe(
    '{"d":{"year":2026,"month":11,"day":28}}',
  );
});

it('a reference to a file of google.protobuf means the well-known type, whichever copy is registered', () => {
  const text =
    'syntax = "proto3"; import "google/protobuf/struct.proto"; message A { google.protobuf.Value v = 1; }';
  const copy = `syntax = "proto3"; package google.protobuf; message Value { string other = 1; }`;
  const references = [{ name: 'google/protobuf/struct.proto', text: copy }];
  expect(decode(text, Buffer.from('000a021a0161'.replace('021a', '031a'), 'hex'), {}, references)).toBe(
    '{"v":"a"}',
  );
});

it('a missing import that no field needs, such as one of options, does not matter', () => {
  const text = `syntax = "proto3"; import "buf/validate/validate.proto";
    message M { string s = 1 [(buf.validate.field).string.min_len = 1]; }`;
  expect(decode(text, FIRST)).toBe('{"s":""}');
});

it('a missing import that a field needs makes the schema unusable and is named', () => {
  const text = 'syntax = "proto3"; import "money.proto"; message M { Money m = 1; }';
  expect(() => decode(text, FIRST)).toThrow(/money\.proto, which is not among its references/);
});

it('a descriptor in base64 is read like a text, with references of either form', () => {
  // message A { string s = 1; } as protoc compiles it.
  const main = 'CgptYWluLnByb3RvIhEKAUESDAoBcxgBIAEoCVIBc2IGcHJvdG8z';
  expect(decode(main, Buffer.from('000a0178', 'hex'))).toBe('{"s":"x"}');

  const order = 'syntax = "proto3"; import "main.proto"; message Order { A a = 1; }';
  const asBase64 = descriptorText(
    create(FileDescriptorProtoSchema, {
      name: 'order.proto',
      syntax: 'proto3',
      dependency: ['main.proto'],
      messageType: [
        {
          name: 'Order',
          field: [{ name: 'a', number: 1, label: Label.OPTIONAL, type: Type.MESSAGE, typeName: '.A' }],
        },
      ],
    }),
  );
  const asText = 'syntax = "proto3"; message A { string s = 1; }';
  for (const text of [order, asBase64]) {
    for (const reference of [main, asText]) {
      const references = [{ name: 'main.proto', text: reference }];
      expect(decode(text, Buffer.from('000a030a0178', 'hex'), {}, references)).toBe('{"a":{"s":"x"}}');
    }
  }
});

it('a message index counts the entries of maps in a descriptor, as Python and .NET do', () => {
  const entry = { name: 'QEntry', options: { mapEntry: true }, field: MAP_ENTRY_FIELDS };
  const text = descriptorText(
    create(FileDescriptorProtoSchema, {
      name: 'm.proto',
      syntax: 'proto3',
      messageType: [
        {
          name: 'M',
          field: [{ name: 'q', number: 1, label: Label.REPEATED, type: Type.MESSAGE, typeName: '.M.QEntry' }],
          nestedType: [
            entry,
            { name: 'Inner', field: [{ name: 's', number: 1, label: Label.OPTIONAL, type: Type.STRING }] },
          ],
        },
      ],
    }),
  );
  const path = Buffer.concat([zigzag(2n), zigzag(0n), zigzag(1n)]);
  expect(decode(text, Buffer.concat([path, Buffer.from('0a0178', 'hex')]))).toBe('{"s":"x"}');
});

it('a descriptor of edition 2023 keeps the features of its file', () => {
  const file = create(FileDescriptorProtoSchema, {
    name: 'm.proto',
    syntax: 'editions',
    edition: Edition.EDITION_2023,
    options: { features: { fieldPresence: FeatureSet_FieldPresence.IMPLICIT } },
    messageType: [{ name: 'M', field: [{ name: 's', number: 1, label: Label.OPTIONAL, type: Type.STRING }] }],
  });
  expect(decode(descriptorText(file), FIRST)).toBe('{"s":""}');
});

it.each([
  ['an index beyond the file', Buffer.concat([zigzag(1n), zigzag(9n)])],
  ['an index below zero', Buffer.concat([zigzag(1n), zigzag(-1n)])],
  ['an index that claims a million steps', zigzag(1_000_000n)],
  ['nothing at all', Buffer.alloc(0)],
  ['a field that ends too early', Buffer.from([0, 0x0a, 200])],
  ['a group without an end', Buffer.from([0, 0x0b])],
])('bytes that are not a message of the schema are refused: %s', (_what, payload) => {
  expect(() => decode(ORDER, payload)).toThrow(UndecodableError);
});

it('any bytes are refused or decoded to JSON', () => {
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
