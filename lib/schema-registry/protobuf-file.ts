/**
 * One Protobuf file as a registry stores it: a .proto text, or a FileDescriptorProto in base64, which Confluent's
 * serializers for Python and .NET register and Apicurio hands out unchanged. Both become types of one protobufjs
 * root, so that everything behind this file exists once.
 */
import protobuf from 'protobufjs';
import descriptor, {
  type IDescriptorContext,
  type IDescriptorProto,
  type IFileDescriptorProto,
  type IMessageOptions,
} from 'protobufjs/ext/descriptor.js';
import { readBase64 } from '../json/untrusted-json.ts';

/** A message that a message index can mean. */
export interface DeclaredMessage {
  readonly fullName: string;
  /** In the order of declaration. */
  readonly nested: readonly DeclaredMessage[];
  /** Full names of the messages that protoc makes of map fields where the file does not spell them out. */
  readonly impliedEntries: readonly string[];
}

export interface ProtobufFile {
  readonly imports: readonly string[];
  /** The top-level messages of its package in the order of declaration, so add the file that counts first. */
  readonly messages: readonly DeclaredMessage[];
}

/**
 * Add the types of a file to `root`; what they refer to stays unresolved.
 *
 * @throws whatever is wrong with the file.
 */
export function addProtobufFile(root: protobuf.Root, content: string): ProtobufFile {
  // Every .proto text that declares something has a brace or a semicolon, which base64 has not.
  const binary = readBase64(content.trim());
  return binary === null ? addText(root, content) : addDescriptor(root, binary);
}

function addText(root: protobuf.Root, text: string): ProtobufFile {
  const { package: name, imports = [], weakImports = [] } = protobuf.parse(text, root, { keepCase: true });
  const scope = name === undefined ? root : root.lookup(name);
  const messages = scope instanceof protobuf.Namespace ? messagesIn(scope).map(fromType) : [];
  return { imports: [...imports, ...weakImports], messages };
}

function messagesIn({ nestedArray }: protobuf.NamespaceBase): readonly protobuf.Type[] {
  return nestedArray.filter((nested) => nested instanceof protobuf.Type);
}

function fromType(type: protobuf.Type): DeclaredMessage {
  const maps = type.fieldsArray.filter((field) => field instanceof protobuf.MapField);
  return {
    fullName: type.fullName,
    nested: messagesIn(type).map(fromType),
    impliedEntries: maps.map(({ name }) => `${type.fullName}.${entryName(name)}`),
  };
}

/** The name that protoc gives to the entries of a map field: `by_number` has `ByNumberEntry`. */
function entryName(fieldName: string): string {
  const words = fieldName.split('_').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  return `${words.join('')}Entry`;
}

function addDescriptor(root: protobuf.Root, binary: Uint8Array): ProtobufFile {
  const file = descriptor.FileDescriptorProto.decode(binary) as protobuf.Message & IFileDescriptorProto;
  const { package: name = '', messageType = [], enumType = [], extension = [] } = file;
  const scope = name === '' ? root : root.define(name);
  const context = contextOf(file);
  for (const message of messageType) scope.add(protobuf.Type.fromDescriptor(message, context));
  for (const type of enumType) scope.add(protobuf.Enum.fromDescriptor(type, context));
  for (const field of extension) scope.add(protobuf.Field.fromDescriptor(field, context));
  const dependency: unknown = file.dependency;
  const imports: readonly unknown[] = Array.isArray(dependency) ? dependency : [];
  return {
    imports: imports.filter((each) => typeof each === 'string'),
    messages: messageType.map((message) => fromDescriptor(message, scope.fullName)),
  };
}

/** Numbers of the enum `google.protobuf.Edition`. */
const EDITIONS: ReadonlyMap<number, string> = new Map([
  [1000, '2023'],
  [1001, '2024'],
  [1002, '2026'],
]);

/** protoc leaves the syntax out of files in proto2. */
function editionOf({ syntax, edition = 0 }: IFileDescriptorProto): string {
  if (syntax !== 'editions') return syntax === 'proto3' ? 'proto3' : 'proto2';
  const name = EDITIONS.get(edition);
  if (name === undefined) throw new Error(`edition ${edition} of Protobuf is not supported`);
  return name;
}

/** Collect what a file says for all of its types: its syntax or edition, and the features that an edition can have. */
function contextOf(file: IFileDescriptorProto): IDescriptorContext {
  // protobufjs turns the features of a descriptor into its own form only as part of a type.
  const carrier = protobuf.Type.fromDescriptor({ name: 'Carrier', options: file.options as IMessageOptions });
  const features = carrier.options?.['features'] as IDescriptorContext['features'];
  return { edition: editionOf(file), keepCase: true, ...(features !== undefined && { features }) };
}

/** Map entries are messages like others here: Python and .NET count them, too. */
function fromDescriptor({ name = '', nestedType = [] }: IDescriptorProto, scope: string): DeclaredMessage {
  const fullName = `${scope}.${name}`;
  return { fullName, nested: nestedType.map((each) => fromDescriptor(each, fullName)), impliedEntries: [] };
}
