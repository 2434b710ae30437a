/** A value with the schema that it was written with becomes JSON text. */
import { rejected, type Rejected } from '../event/rejection.ts';
import type { RegisteredSchema, SchemaType } from './registry.ts';
import { UndecodableError } from './byte-cursor.ts';
import { inflatedPayload, type FramedValue, type PayloadReader } from './framing.ts';

export interface DecodedValue {
  readonly kind: 'value';
  readonly jsonText: string | Uint8Array;
}

export interface SchemaDecoder {
  /** Codes: schema-mismatch. `maxBytes` bounds what a compressed value may become. */
  decode(value: FramedValue, maxBytes: number): DecodedValue | Rejected;
}

/**
 * The library of a format is loaded when a schema of that format is first met: most functions never meet one.
 * Code: schema-unusable. @throws when the library cannot be loaded, which is no fault of the schema's.
 */
export async function compileSchema(schema: RegisteredSchema): Promise<SchemaDecoder | Rejected> {
  const compile = await loadCompiler(schema.type);
  try {
    return decoderOf(compile(schema));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return rejected(
      'schema-unusable',
      `The schema in the registry cannot be used: ${problem.slice(0, 300)}. Register it anew, and send the value again.`,
    );
  }
}

async function loadCompiler(type: SchemaType): Promise<(schema: RegisteredSchema) => PayloadReader> {
  switch (type) {
    case 'avro':
      return (await import('./avro-decoder.ts')).compileAvro;
    case 'protobuf':
      return (await import('./protobuf-decoder.ts')).compileProtobuf;
    case 'json-schema':
      // The serializer has validated the value; what a flow needs of it, Prefect's parameter schema says.
      return () => readAsIs;
  }
}

const readAsIs: PayloadReader = ({ payload }) => payload;

function decoderOf(read: PayloadReader): SchemaDecoder {
  return {
    decode(value, maxBytes) {
      const payload = inflatedPayload(value, maxBytes);
      if ('kind' in payload) return payload;
      try {
        return { kind: 'value', jsonText: read({ ...value, payload }) };
      } catch (error) {
        if (!(error instanceof UndecodableError)) throw error;
        return rejected(
          'schema-mismatch',
          `The value is not of the schema that it names: ${error.message}. Send it again with its own schema.`,
        );
      }
    },
  };
}
