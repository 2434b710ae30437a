/** Makes Protobuf files with fields of every kind, each as a .proto text and as a descriptor, and values for them. */
import {
  clearField,
  clone,
  create,
  createFileRegistry,
  toBinary,
  type DescMessage,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type DescriptorProtoSchema,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';

type FieldInit = MessageInitShape<typeof FieldDescriptorProtoSchema>;
type MessageInit = MessageInitShape<typeof DescriptorProtoSchema>;

const SCALARS = {
  double: [Type.DOUBLE, fc.double()],
  float: [Type.FLOAT, fc.float()],
  int64: [Type.INT64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  uint64: [Type.UINT64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  int32: [Type.INT32, fc.integer()],
  fixed64: [Type.FIXED64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  fixed32: [Type.FIXED32, fc.nat({ max: 2 ** 32 - 1 })],
  bool: [Type.BOOL, fc.boolean()],
  string: [Type.STRING, fc.string({ unit: 'grapheme', maxLength: 8 })],
  bytes: [Type.BYTES, fc.uint8Array({ maxLength: 8 })],
  uint32: [Type.UINT32, fc.nat({ max: 2 ** 32 - 1 })],
  sfixed32: [Type.SFIXED32, fc.integer()],
  sfixed64: [Type.SFIXED64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  sint32: [Type.SINT32, fc.integer()],
  sint64: [Type.SINT64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
} as const satisfies Readonly<Record<string, readonly [Type, fc.Arbitrary<unknown>]>>;

type Scalar = keyof typeof SCALARS;
type FieldType = Scalar | 'State' | 'Line';

const KEY_TYPES = (Object.keys(SCALARS) as Scalar[]).filter(
  (type) => type !== 'double' && type !== 'float' && type !== 'bytes',
);

interface FieldSpec {
  readonly name: string;
  readonly jsonName: string | null;
  readonly shape: 'singular' | 'optional' | 'repeated' | 'map' | 'choice';
  readonly type: FieldType;
  readonly keyType: Scalar;
}

export interface ProtobufSample {
  readonly syntax: 'proto2' | 'proto3';
  readonly text: string;
  readonly descriptor: FileDescriptorProto;
  /** The first message of the file, which has the fields. */
  readonly message: DescMessage;
  readonly payload: Uint8Array;
}

/** Names that are told apart by case only, or mean something to JavaScript. */
const NAMES = [
  'order_id',
  'HTTPUrl',
  'x_1',
  'a__b',
  'tail_',
  '_head',
  'camelCase',
  'constructor',
  'valueOf',
  'message',
];

const field: fc.Arbitrary<FieldSpec> = fc.record({
  name: fc.constantFrom(...NAMES),
  jsonName: fc.option(fc.constantFrom('$ä', 'with space', '@id'), { nil: null, freq: 4 }),
  shape: fc.constantFrom('singular', 'optional', 'repeated', 'map', 'choice'),
  type: fc.constantFrom(...(Object.keys(SCALARS) as Scalar[]), 'State', 'Line'),
  keyType: fc.constantFrom(...KEY_TYPES),
});

const fields = fc.uniqueArray(field, {
  minLength: 1,
  maxLength: 6,
  comparator: (one, other) =>
    one.name === other.name || (one.jsonName !== null && one.jsonName === other.jsonName),
});

/** A file and the bytes of one message, which may consist of several that are to be merged. */
export const protobufSample: fc.Arbitrary<ProtobufSample> = fc
  .tuple(fc.constantFrom('proto2', 'proto3'), fields)
  .chain(([syntax, specs]) => {
    const descriptor = toDescriptor(syntax, specs);
    const files = createFileRegistry(create(FileDescriptorSetSchema, { file: [descriptor] }));
    const message = files.getMessage('shop.Order');
    if (message === undefined) throw new Error('the file does not have its message');
    return fc.array(valueOf(message, specs), { minLength: 1, maxLength: 2 }).map((values) => ({
      syntax,
      text: toText(syntax, specs),
      descriptor,
      message,
      payload: Buffer.concat(values.map((value) => toBinary(message, create(message, value)))),
    }));
  });

export function descriptorText(descriptor: FileDescriptorProto): string {
  return Buffer.from(toBinary(FileDescriptorProtoSchema, descriptor)).toString('base64');
}

/** The descriptor as generated Python code holds it, without the JSON names that protoc derives. */
export function pythonDescriptorText(descriptor: FileDescriptorProto): string {
  const copy = clone(FileDescriptorProtoSchema, descriptor);
  for (const field of copy.messageType.flatMap((message) => message.field)) {
    if (field.jsonName === derivedJsonName(field.name))
      clearField(field, FieldDescriptorProtoSchema.field.jsonName);
  }
  return descriptorText(copy);
}

function derivedJsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_match, next: string) => next.toUpperCase());
}

function toText(syntax: ProtobufSample['syntax'], specs: readonly FieldSpec[]): string {
  const label = syntax === 'proto2' ? 'optional ' : '';
  const declare = (spec: FieldSpec, index: number, prefix: string, type: string = spec.type): string => {
    const options = spec.jsonName === null ? '' : ` [json_name = "${spec.jsonName}"]`;
    return `${prefix}${type} ${spec.name} = ${index + 1}${options};`;
  };
  const numbered = specs.map((spec, index) => ({ spec, index }));
  const members = numbered.map(({ spec, index }) => {
    switch (spec.shape) {
      case 'singular':
        return declare(spec, index, label);
      case 'optional':
        return declare(spec, index, 'optional ');
      case 'repeated':
        return declare(spec, index, 'repeated ');
      case 'map':
        return declare(spec, index, '', `map<${spec.keyType}, ${spec.type}>`);
      case 'choice':
        return '';
    }
  });
  const choices = numbered.filter(({ spec }) => spec.shape === 'choice');
  const choice = choices.map(({ spec, index }) => declare(spec, index, '')).join(' ');
  return `syntax = "${syntax}"; package shop;
    message Order { ${members.join(' ')} ${choices.length > 0 ? `oneof choice { ${choice} }` : ''} }
    message Line { ${label}int64 count = 1; ${label}Line next = 2; }
    enum State { UNKNOWN = 0; PAID = 1; LOST = -1; }`;
}

function toDescriptor(syntax: ProtobufSample['syntax'], specs: readonly FieldSpec[]): FileDescriptorProto {
  const hasChoice = specs.some(({ shape }) => shape === 'choice');
  const optionals = syntax === 'proto3' ? specs.filter(({ shape }) => shape === 'optional') : [];
  return create(FileDescriptorProtoSchema, {
    name: 'order.proto',
    package: 'shop',
    // protoc does not write that a file is proto2.
    ...(syntax !== 'proto2' && { syntax }),
    messageType: [
      {
        name: 'Order',
        field: specs.map((spec, index) => ({
          ...toField(spec, index),
          ...(spec.shape === 'choice' && { oneofIndex: 0 }),
          ...(optionals.includes(spec) && {
            proto3Optional: true,
            oneofIndex: Number(hasChoice) + optionals.indexOf(spec),
          }),
        })),
        nestedType: specs.filter(({ shape }) => shape === 'map').map(toEntry),
        oneofDecl: [
          ...(hasChoice ? [{ name: 'choice' }] : []),
          ...optionals.map(({ name }) => ({ name: `_${name}` })),
        ],
      },
      {
        name: 'Line',
        field: [
          { name: 'count', jsonName: 'count', number: 1, label: Label.OPTIONAL, type: Type.INT64 },
          { name: 'next', jsonName: 'next', number: 2, label: Label.OPTIONAL, ...typed('Line') },
        ],
      },
    ],
    enumType: [
      {
        name: 'State',
        value: [
          { name: 'UNKNOWN', number: 0 },
          { name: 'PAID', number: 1 },
          { name: 'LOST', number: -1 },
        ],
      },
    ],
  });
}

function toField(spec: FieldSpec, index: number): FieldInit {
  const common = {
    name: spec.name,
    number: index + 1,
    label: spec.shape === 'repeated' || spec.shape === 'map' ? Label.REPEATED : Label.OPTIONAL,
    jsonName: spec.jsonName ?? derivedJsonName(spec.name),
  };
  return spec.shape === 'map'
    ? { ...common, type: Type.MESSAGE, typeName: `.shop.Order.${entryName(spec)}` }
    : { ...common, ...typed(spec.type) };
}

function typed(type: FieldType): FieldInit {
  if (type === 'State') return { type: Type.ENUM, typeName: '.shop.State' };
  if (type === 'Line') return { type: Type.MESSAGE, typeName: '.shop.Line' };
  return { type: SCALARS[type][0] };
}

function toEntry(spec: FieldSpec): MessageInit {
  return {
    name: entryName(spec),
    field: [
      { name: 'key', number: 1, label: Label.OPTIONAL, ...typed(spec.keyType) },
      { name: 'value', number: 2, label: Label.OPTIONAL, ...typed(spec.type) },
    ],
    options: { mapEntry: true },
  };
}

function entryName({ name }: FieldSpec): string {
  return `Entry${NAMES.indexOf(name)}`;
}

function valueOf(message: DescMessage, specs: readonly FieldSpec[]): fc.Arbitrary<Record<string, unknown>> {
  const members = message.fields.map((described, index) => {
    const spec = specs[index];
    if (spec === undefined) throw new Error('the message has another field');
    return fc.option(fieldValue(spec), { nil: undefined }).map((value) => {
      if (value === undefined) return {};
      return described.oneof === undefined
        ? { [described.localName]: value }
        : { [described.oneof.localName]: { case: described.localName, value } };
    });
  });
  return fc.tuple(...members).map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);
}

function fieldValue({ shape, type, keyType }: FieldSpec): fc.Arbitrary<unknown> {
  const single = singleValue(type);
  if (shape === 'repeated') return fc.array(single, { maxLength: 3 });
  if (shape !== 'map') return single;
  return fc
    .array(fc.tuple(SCALARS[keyType][1].map(String), single), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries));
}

function singleValue(type: FieldType): fc.Arbitrary<unknown> {
  if (type === 'State') return fc.constantFrom(0, 1, -1);
  if (type !== 'Line') return SCALARS[type][1];
  const count = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  return fc.oneof(
    fc.record({ count }, { requiredKeys: [] }),
    fc.record({ count, next: fc.record({ count }) }, { requiredKeys: [] }),
  );
}
