/** Decode values to JSON text with the schema that they were written with. */
import { rejected, type Rejected } from '../event/rejection.ts';
import type { RegisteredSchema, SchemaType } from './registry.ts';
import { UndecodableError } from './undecodable-error.ts';
import { inflatePayload, type FramedValue, type PayloadReader } from './framing.ts';

export interface DecodedValue {
  readonly kind: 'value';
  readonly jsonText: string | Uint8Array;
}

export interface SchemaDecoder {
  /** Decode one value; a compressed one may grow to `maxBytes`. Codes: schema-mismatch, too-large. */
  decode(value: FramedValue, maxBytes: number): DecodedValue | Rejected;
}

/**
 * Compile a schema. The decoder of a format is loaded with the first schema of that format, since most functions never
 * need one. Code: schema-unusable.
 *
 * @throws when the decoder cannot be loaded, for which the schema is not to blame.
 */
export async function compileSchema(schema: RegisteredSchema): Promise<SchemaDecoder | Rejected> {
  const compile = await loadCompiler(schema.type);
  try {
    return createDecoder(compile(schema));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return rejected(
      'schema-unusable',
      `The schema in the registry cannot be used: ${problem.slice(0, 300)}. Register a valid one, and send the value again.`,
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
      // The serializer has validated the value, and Prefect validates what becomes of it as a parameter.
      return () => readAsIs;
  }
}

const readAsIs: PayloadReader = ({ payload }) => payload;

function createDecoder(read: PayloadReader): SchemaDecoder {
  return {
    decode(value, maxBytes) {
      const payload = inflatePayload(value, maxBytes);
      if ('kind' in payload) return payload;
      try {
        return { kind: 'value', jsonText: read({ ...value, payload }) };
      } catch (error) {
        if (!(error instanceof UndecodableError)) throw error;
        return rejected(error.code, `${PROBLEMS[error.code]}: ${error.message}. ${HINTS[error.code]}`);
      }
    },
  };
}

const PROBLEMS = {
  'schema-mismatch': 'The value does not match the schema that it names',
  'too-large': 'The value is too large',
} as const satisfies Record<UndecodableError['code'], string>;

const HINTS = {
  'schema-mismatch': 'Send it again with the right schema.',
  'too-large': 'Send a reference to the data.',
} as const satisfies Record<UndecodableError['code'], string>;
