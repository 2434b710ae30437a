/** A Protobuf schema as text, parsed with its imports, and the messages that a value's index can mean. */
import protobuf from 'protobufjs';
import type { RegisteredSchema } from './registry.ts';
import { ByteCursor, UndecodableError } from './byte-cursor.ts';
import type { FramedValue } from './framing.ts';

export interface ProtobufMessage {
  readonly type: protobuf.Type;
  readonly payload: Uint8Array;
}

const OPTIONS = [
  'File',
  'Message',
  'Field',
  'Oneof',
  'Enum',
  'EnumValue',
  'Service',
  'Method',
  'ExtensionRange',
];

/** What can be imported without a reference, beside what protobufjs brings. No value depends on options. */
const KNOWN_IMPORTS: ReadonlyMap<string, string> = new Map([
  [
    'google/protobuf/descriptor.proto',
    `syntax = "proto2"; package google.protobuf;
      ${OPTIONS.map((name) => `message ${name}Options { extensions 1000 to max; }`).join('\n')}`,
  ],
  ['confluent/meta.proto', 'syntax = "proto3"; package confluent;'],
  [
    'confluent/type/decimal.proto',
    `syntax = "proto3"; package confluent.type;
      message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`,
  ],
]);

export class ProtobufSchema {
  readonly #topLevel: readonly protobuf.Type[];
  #byName: readonly protobuf.Type[] | undefined;

  /** @throws whatever protobufjs finds wrong with the schema, and an error for a missing import. */
  constructor({ text, references }: RegisteredSchema) {
    const root = new protobuf.Root();
    const main = protobuf.parse(text, root, { keepCase: true });
    const scope = main.package === undefined ? root : root.lookup(main.package);
    // Before any import: what the main file declares is what an index counts.
    this.#topLevel = scope instanceof protobuf.Namespace ? messagesIn(scope) : [];
    const texts = new Map(references.map(({ name, text: referenced }) => [name, referenced]));
    addImports(root, main, texts);
    root.resolveAll();
  }

  /** The index of Confluent's framing is a path of positions; that of AWS Glue is one in the order of names. */
  messageOf({ schemaId, payload, headerRest }: FramedValue): ProtobufMessage {
    const cursor = new ByteCursor(headerRest ?? payload);
    const type =
      schemaId.kind === 'glue'
        ? this.#messageByName(Number(cursor.varint()))
        : this.#messageAt(readPath(cursor));
    if (type === undefined) throw new UndecodableError('its message index is not in the schema');
    return { type, payload: headerRest === undefined ? cursor.takeRest() : payload };
  }

  #messageAt([first = 0, ...rest]: readonly number[]): protobuf.Type | undefined {
    let type = this.#topLevel[first];
    for (const index of rest) type = type === undefined ? undefined : messagesIn(type)[index];
    return type;
  }

  /** MessageIndexFinder.java of awslabs/aws-glue-schema-registry. */
  #messageByName(index: number): protobuf.Type | undefined {
    this.#byName ??= withNested(this.#topLevel).toSorted(byFullName);
    return this.#byName[index];
  }
}

/** Zigzag varints, the count first; a single zero byte stands for the path `[0]`. */
function readPath(cursor: ByteCursor): readonly number[] {
  const length = Number(cursor.zigzag());
  if (length < 0 || length > cursor.remaining) throw new UndecodableError('its message index ends too early');
  return Array.from({ length }, () => Number(cursor.zigzag()));
}

function messagesIn({ nestedArray }: Pick<protobuf.Namespace, 'nestedArray'>): readonly protobuf.Type[] {
  return nestedArray.filter((nested) => nested instanceof protobuf.Type);
}

function withNested(messages: readonly protobuf.Type[]): readonly protobuf.Type[] {
  return messages.flatMap((message) => [message, ...withNested(messagesIn(message))]);
}

function byFullName(one: protobuf.Type, other: protobuf.Type): number {
  return one.fullName < other.fullName ? -1 : Number(one.fullName > other.fullName);
}

function addImports(
  root: protobuf.Root,
  { imports = [], weakImports = [] }: protobuf.IParserResult,
  texts: ReadonlyMap<string, string>,
  added = new Set<string>(),
): void {
  for (const name of [...imports, ...weakImports]) {
    if (added.has(name)) continue;
    added.add(name);
    const text = texts.get(name) ?? KNOWN_IMPORTS.get(name);
    const wellKnown = protobuf.common.get(name)?.nested;
    if (text !== undefined) addImports(root, protobuf.parse(text, root, { keepCase: true }), texts, added);
    else if (wellKnown !== undefined) root.addJSON(wellKnown);
    else throw new Error(`it imports ${name}, which is not among its references`);
  }
}
