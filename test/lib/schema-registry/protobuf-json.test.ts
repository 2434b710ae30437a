import { create, fromBinary, toJson, type JsonValue } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UndecodableError } from '../../../lib/schema-registry/undecodable-error.ts';
import { compileProtobuf } from '../../../lib/schema-registry/protobuf-decoder.ts';
import type { RegisteredSchema } from '../../../lib/schema-registry/registry.ts';
import { makeSchema } from '../../support/builders/framed-values.ts';
import {
  descriptorText,
  protobufSample,
  pythonDescriptorText,
  type ProtobufSample,
} from '../../support/builders/protobuf-files.ts';

function decode(text: string, payload: Uint8Array, references: RegisteredSchema['references'] = []): string {
  const read = compileProtobuf(makeSchema({ type: 'protobuf', text, references }));
  const framed = Buffer.concat([Buffer.from([0]), payload]);
  return String(
    read({ kind: 'framed', schemaId: { kind: 'confluent-id', id: 1 }, payload: framed, isCompressed: false }),
  );
}

/** What protobuf-es makes of the same bytes. */
function secondOpinion({ message, payload }: ProtobufSample): JsonValue {
  return toJson(message, fromBinary(message, payload), { alwaysEmitImplicit: true });
}

it.each([
  ['a .proto text', ({ text }: ProtobufSample) => text],
  ['a descriptor in base64', ({ descriptor }: ProtobufSample) => descriptorText(descriptor)],
  [
    'a descriptor of generated Python code',
    ({ descriptor }: ProtobufSample) => pythonDescriptorText(descriptor),
  ],
])(
  'a message of %s is the ProtoJSON of protobuf-es, with numbers for 64-bit integers',
  (_what, schemaText) => {
    fc.assert(
      fc.property(protobufSample, (sample) => {
        const json = decode(schemaText(sample), sample.payload);
        expect(withoutNumberStyle(exactly(json), secondOpinion(sample))).toEqual(secondOpinion(sample));
      }),
      { numRuns: 300 },
    );
  },
);

/** Integers keep the text that they have: JavaScript would round them. */
function exactly(json: string): unknown {
  return JSON.parse(json, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '')
      : value,
  );
}

/** Spells numbers as ProtoJSON does where `other` is the same number: 64-bit integers as strings, floats with 64 bits. */
function withoutNumberStyle(value: unknown, other: JsonValue | undefined): unknown {
  if (typeof value === 'bigint') return typeof other === 'string' ? String(value) : Number(value);
  if (typeof value === 'number') return Math.fround(value) === other ? other : value;
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      withoutNumberStyle(item, Array.isArray(other) ? other[index] : undefined),
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  const others = typeof other === 'object' && other !== null && !Array.isArray(other) ? other : {};
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutNumberStyle(inner, others[key])]),
  );
}

/** The JSON of bytes in hexadecimal digits, of the first message in a proto3 file with these declarations. */
function proto3(declarations: string, hex: string): string {
  return decode(`syntax = "proto3"; ${declarations}`, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

const INTEGER_KEYS = [
  ...['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64'],
  ...['fixed32', 'fixed64', 'sfixed32', 'sfixed64'],
].map((type) => [type, '"0"'] as const);

it.each([...INTEGER_KEYS, ['bool', '"false"'], ['string', '""']] as const)(
  'a map key of %s that was omitted, as writers may omit zeros, is %s',
  (type, key) => {
    // An entry with a value alone, and one without anything.
    expect(proto3(`message M { map<${type}, string> q = 1; }`, '0a03 120161')).toBe(`{"q":{${key}:"a"}}`);
    expect(proto3(`message M { map<${type}, string> q = 1; }`, '0a00')).toBe(`{"q":{${key}:""}}`);
  },
);

it.each([
  ...INTEGER_KEYS.map(([type]) => [type, '0'] as const),
  ['bool', 'false'],
  ['string', '""'],
  ['bytes', '""'],
  ['float', '0.0'],
  ['double', '0.0'],
  ['E', '"ZERO"'],
  ['M', '{"q":{}}'],
  ['google.protobuf.Duration', '"0s"'],
  ['google.protobuf.Int64Value', '0'],
  ['google.protobuf.Value', 'null'],
  ['google.protobuf.Struct', '{}'],
] as const)('a map value of %s that was omitted is %s', (type, value) => {
  const imports = ['duration', 'wrappers', 'struct'].map((name) => `import "google/protobuf/${name}.proto";`);
  const text = `${imports.join(' ')} message M { map<string, ${type}> q = 1; } enum E { ZERO = 0; }`;
  expect(proto3(text, '0a03 0a0161')).toBe(`{"q":{"a":${value}}}`);
});

it('a map that the registry spells out as a repeated entry is an object all the same', () => {
  const text = `message M { repeated .M.QEntry q = 1;
    message QEntry { option map_entry = true; int64 key = 1; .M value = 2; } }`;
  expect(proto3(text, '')).toBe('{"q":{}}');
  expect(proto3(text, '0a00 0a02 0803 0a04 0803 1200')).toBe('{"q":{"0":{"q":{}},"3":{"q":{}}}}');
});

it('the last of several map entries with one key counts', () => {
  expect(proto3('message M { map<string, int32> q = 1; }', '0a05 0a01611001 0a05 0a01611002')).toBe(
    '{"q":{"a":2}}',
  );
});

it.each([
  ['19.99', '85eb9f41'],
  ['0.1', 'cdcccc3d'],
  ['16777216.0', '0000804b'],
  ['3.4028235e+38', 'ffff7f7f'],
  ['1e-45', '01000000'],
  ['-0.0', '00000080'],
  ['"-Infinity"', '000080ff'],
  ['"NaN"', '0000c07f'],
])('a 32-bit float has its shortest digits, %s', (json, hex) => {
  expect(proto3('message M { optional float f = 1; }', `0d${hex}`)).toBe(`{"f":${json}}`);
});

it.each([
  ['18446744073709552000.0', '000000000000f043'],
  ['19.0', '0000000000003340'],
  ['1e+300', '9c7500883ce4377e'],
])('a double is a floating-point number for every reader, %s', (json, hex) => {
  expect(proto3('message M { double d = 1; }', `09${hex}`)).toBe(`{"d":${json}}`);
});

it('a Struct stands for JSON, so its whole numbers are integers, and a Value that says nothing is null', () => {
  const text = 'import "google/protobuf/struct.proto"; message M { google.protobuf.Value v = 1; }';
  expect(proto3(text, '0a09 11 0000000000007940')).toBe('{"v":400}');
  expect(proto3(text, '0a09 11 000000000000f043')).toBe('{"v":18446744073709552000.0}');
  expect(proto3(text, '0a00')).toBe('{"v":null}');
});

it('a packed list may come unpacked, in several pieces, and an unpacked one packed', () => {
  const text = 'message M { repeated int32 packed = 1; repeated int32 unpacked = 2 [packed = false]; }';
  expect(proto3(text, '0a020102 0803 0a0104 1001 12020203')).toBe('{"packed":[1,2,3,4],"unpacked":[1,2,3]}');
});

it('of a oneof the last member counts, and a message that comes twice is merged', () => {
  expect(proto3('message M { oneof o { string a = 1; int32 b = 2; } }', '0a0161 1005')).toBe('{"b":5}');
  const text = 'message M { N n = 1; } message N { optional int32 a = 1; optional int32 b = 2; }';
  expect(proto3(text, '0a020801 0a021002')).toBe('{"n":{"a":1,"b":2}}');
});

it('an enum without a name for its number is the number, unless its file is proto2, which ignores it', () => {
  expect(proto3('message M { E e = 1; } enum E { A = 0; }', '0807')).toBe('{"e":7}');
  const proto2 = 'syntax = "proto2"; message M { optional E e = 1; } enum E { A = 0; }';
  expect(decode(proto2, Buffer.from([8, 7]))).toBe('{}');
});

it('an enum value with several names has the first', () => {
  const text = 'message M { E e = 1; } enum E { option allow_alias = true; A = 0; B = 1; C = 1; }';
  expect(proto3(text, '0801')).toBe('{"e":"B"}');
});

const PROTO2_TEXT = `syntax = "proto2"; package p;
  message M { extensions 100 to 200; optional group MyGroup = 1 { optional int32 a = 1; } }
  extend M { optional int32 my_ext = 100; repeated int32 more = 101; }
  message Scope { extend M { optional string inner_ext = 102; } }`;

function optional(name: string, number: number, type: Type) {
  return { name, number, label: Label.OPTIONAL, type };
}

const PROTO2_DESCRIPTOR = descriptorText(
  create(FileDescriptorProtoSchema, {
    name: 'p.proto',
    package: 'p',
    messageType: [
      {
        name: 'M',
        extensionRange: [{ start: 100, end: 201 }],
        field: [{ ...optional('mygroup', 1, Type.GROUP), typeName: '.p.M.MyGroup' }],
        nestedType: [{ name: 'MyGroup', field: [optional('a', 1, Type.INT32)] }],
      },
      { name: 'Scope', extension: [{ ...optional('inner_ext', 102, Type.STRING), extendee: '.p.M' }] },
    ],
    extension: [
      { ...optional('my_ext', 100, Type.INT32), extendee: '.p.M' },
      { name: 'more', number: 101, label: Label.REPEATED, type: Type.INT32, extendee: '.p.M' },
    ],
  }),
);

it.each([
  ['a .proto text', PROTO2_TEXT],
  ['a descriptor', PROTO2_DESCRIPTOR],
])('extensions and groups of proto2 have the names that ProtoJSON gives them, from %s', (_what, text) => {
  const payload = Buffer.from('0b08010ca00605b2060178', 'hex');
  expect(JSON.parse(decode(text, payload))).toEqual({
    'mygroup': { a: 1 },
    '[p.my_ext]': 5,
    '[p.Scope.inner_ext]': 'x',
  });
  expect(decode(text, Buffer.alloc(0))).toBe('{}');
});

const ANY = `import "google/protobuf/any.proto"; import "google/protobuf/duration.proto";
  message M { google.protobuf.Any any = 1; string s = 2; }`;

function anyOf(url: string, value: Uint8Array): Buffer {
  return delimited(0x0a, Buffer.concat([delimited(0x0a, Buffer.from(url)), delimited(0x12, value)]));
}

function delimited(tag: number, bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >>> 7];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}

it.each([
  ['x/M', '1201 78', '{"any":{"@type":"x/M","s":"x"},"s":""}'],
  [
    'x/google.protobuf.Duration',
    '0803',
    '{"any":{"@type":"x/google.protobuf.Duration","value":"3s"},"s":""}',
  ],
  ['x/q.Unknown', '0803', '{"any":{"@type":"x/q.Unknown","value":"CAM="},"s":""}'],
  ['', '', '{"any":{},"s":""}'],
])('an Any of %s is its message where the schema has the type, else its bytes', (url, hex, json) => {
  const payload = anyOf(url, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  expect(proto3(ANY, payload.toString('hex'))).toBe(json);
});

it.each([
  ['a Timestamp beyond the year 9999', 'timestamp', 'Timestamp', '08ffffffffff3f'],
  ['a Duration with nanoseconds of the other sign', 'duration', 'Duration', '080110ffffffffffffffffff01'],
  ['a FieldMask whose path has no JSON form', 'field_mask', 'FieldMask', '0a03615f31'],
])('%s is refused, since ProtoJSON cannot express it', (_what, file, type, hex) => {
  const text = `import "google/protobuf/${file}.proto"; message M { google.protobuf.${type} v = 1; }`;
  const length = (hex.length / 2).toString(16).padStart(2, '0');
  expect(() => proto3(text, `0a${length}${hex}`)).toThrow(UndecodableError);
});

it('text that is not UTF-8 is refused in proto3', () => {
  expect(() => proto3('message M { string s = 1; }', '0a01ff')).toThrow(UndecodableError);
});

it('a file of edition 2023 has the presence and the encodings that its features say', () => {
  const text = `edition = "2023"; option features.field_presence = IMPLICIT;
    message M { int32 a = 1; int32 b = 2 [features.field_presence = EXPLICIT]; }`;
  expect(decode(text, Buffer.alloc(0))).toBe('{"a":0}');
});

it('Any within Any is read, but refused where it nests too deep', () => {
  const nested = (levels: number): Buffer =>
    levels === 0 ? Buffer.alloc(0) : anyOf('x/M', nested(levels - 1));
  const hexOf = (levels: number): string => nested(levels).toString('hex');
  expect(JSON.parse(proto3(ANY, hexOf(2)))).toEqual({
    any: { '@type': 'x/M', 'any': { '@type': 'x/M', 's': '' }, 's': '' },
    s: '',
  });
  expect(() => proto3(ANY, hexOf(60))).toThrow(new UndecodableError('it nests Any too deep'));
});

it('a short message that becomes megabytes of JSON is refused as too large', () => {
  const name = 'x'.repeat(1_000);
  const text = `message M { repeated N n = 1; repeated E e = 2; } message N { string ${name} = 1; } enum E { ${name} = 0; }`;
  const empty = '0a00'.repeat(10_000);
  const symbols = '1000'.repeat(10_000);
  for (const hex of [empty, symbols]) {
    const expected = expect.objectContaining({ code: 'too-large' }) as Error;
    expect(() => proto3(text, hex)).toThrow(expected);
  }
});

it('any bytes are refused or become JSON, also where well-known types are expected', () => {
  const files = ['any', 'duration', 'timestamp', 'field_mask', 'struct', 'wrappers'];
  const text = `syntax = "proto3"; ${files.map((file) => `import "google/protobuf/${file}.proto";`).join(' ')}
    message M { google.protobuf.Any a = 1; google.protobuf.Duration d = 2; google.protobuf.Timestamp t = 3;
      google.protobuf.FieldMask f = 4; google.protobuf.Struct s = 5; google.protobuf.Value v = 6;
      google.protobuf.ListValue l = 7; google.protobuf.FloatValue w = 8; map<bool, M> m = 9; repeated M r = 10; }`;
  const bytes = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(2, 10, 18, 26, 34, 42, 50, 58, 66, 74, 82)),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(bytes, (payload) => {
      try {
        JSON.parse(decode(text, Buffer.from(payload)));
      } catch (error) {
        expect(error).toBeInstanceOf(UndecodableError);
      }
    }),
    { numRuns: 500 },
  );
});
