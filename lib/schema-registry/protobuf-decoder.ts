/** Protobuf values as JSON text: `protobuf-schema.ts` finds the message, `protobuf-json.ts` writes it. */
import type { PayloadReader } from './framing.ts';
import { ProtoJsonWriter } from './protobuf-json.ts';
import { ProtobufSchema } from './protobuf-schema.ts';
import type { RegisteredSchema } from './registry.ts';

/** @throws whatever is wrong with the schema. */
export function compileProtobuf(registered: RegisteredSchema): PayloadReader {
  const schema = new ProtobufSchema(registered);
  const writer = new ProtoJsonWriter();
  return (value) => {
    const { type, payload } = schema.messageOf(value);
    return writer.write(payload, type);
  };
}
