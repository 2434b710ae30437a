/** A Protobuf schema with all that it imports, and the messages that the index in front of a value can mean. */
import protobuf from 'protobufjs';
import { ByteCursor } from './byte-cursor.ts';
import { UndecodableError } from './undecodable-error.ts';
import type { FramedValue } from './framing.ts';
import { addProtobufFile, type DeclaredMessage, type ProtobufFile } from './protobuf-file.ts';
import { findKnownFile } from './protobuf-known-files.ts';
import type { RegisteredSchema } from './registry.ts';

export interface ProtobufMessage {
  readonly type: protobuf.Type;
  readonly payload: Uint8Array;
}

export class ProtobufSchema {
  readonly #root = new protobuf.Root();
  readonly #topLevel: readonly DeclaredMessage[];
  #namesInOrder: readonly string[] | undefined;

  /** @throws whatever protobufjs finds wrong with the schema, and an error that names missing imports. */
  constructor({ text, references }: RegisteredSchema) {
    const main = addProtobufFile(this.#root, text);
    this.#topLevel = main.messages;
    const missing = addImports(this.#root, main, references);
    try {
      this.#root.resolveAll();
    } catch (error) {
      if (missing.length === 0) throw error;
      throw new Error(`it imports ${missing.join(', ')}, which is not among its references`, {
        cause: error,
      });
    }
  }

  /** The index of Confluent's framing is a path of positions; that of AWS Glue is one in the order of names. */
  messageOf({ schemaId, payload, headerRest }: FramedValue): ProtobufMessage {
    const cursor = new ByteCursor(headerRest ?? payload);
    const fullName =
      schemaId.kind === 'glue' ? this.#nameAt(Number(cursor.varint())) : this.#nameAlong(readPath(cursor));
    const type = fullName === undefined ? undefined : this.#root.lookup(fullName);
    if (!(type instanceof protobuf.Type)) {
      throw new UndecodableError('its message index is not in the schema');
    }
    return { type, payload: headerRest === undefined ? cursor.takeRest() : payload };
  }

  #nameAlong([first = 0, ...rest]: readonly number[]): string | undefined {
    let message = this.#topLevel[first];
    for (const index of rest) message = message?.nested[index];
    return message?.fullName;
  }

  /** AWS Glue counts the entries of maps, too (MessageIndexFinder.java of awslabs/aws-glue-schema-registry). */
  #nameAt(index: number): string | undefined {
    this.#namesInOrder ??= this.#topLevel.flatMap(namesWithin).toSorted();
    return this.#namesInOrder[index];
  }
}

/** Zigzag varints, the count first; a single zero byte stands for the path `[0]`. */
function readPath(cursor: ByteCursor): readonly number[] {
  const length = Number(cursor.zigzag());
  if (length < 0 || length > cursor.remaining) throw new UndecodableError('its message index ends too early');
  return Array.from({ length }, () => Number(cursor.zigzag()));
}

function namesWithin({ fullName, nested, impliedEntries }: DeclaredMessage): readonly string[] {
  return [fullName, ...impliedEntries, ...nested.flatMap(namesWithin)];
}

/** Returns the imports that nothing is known of: where they bring options only, no value needs them. */
function addImports(
  root: protobuf.Root,
  main: ProtobufFile,
  references: RegisteredSchema['references'],
): readonly string[] {
  const texts = new Map(references.map(({ name, text }) => [name, text]).reverse() as [string, string][]);
  const pending = [...main.imports];
  const seen = new Set<string>();
  const missing: string[] = [];
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const content = texts.get(name);
    const known = findKnownFile(name);
    // ProtoJSON gives these types a meaning of their own, whichever copy of them a producer registered.
    if (known !== undefined && (content === undefined || name.startsWith('google/protobuf/'))) {
      if (known.kind === 'types') root.addJSON(known.types);
      else pending.push(...addProtobufFile(root, known.text).imports);
    } else if (content !== undefined) pending.push(...addProtobufFile(root, content).imports);
    else missing.push(name);
  }
  return missing;
}
