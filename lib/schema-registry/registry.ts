/** Port of a schema registry, as decoding needs it (see `lib/ports.ts`). */
import type { SchemaId } from './schema-id.ts';

export type SchemaType = 'avro' | 'protobuf' | 'json-schema';

/** A schema as a registry has it, with all that it refers to. */
export interface RegisteredSchema {
  readonly type: SchemaType;
  readonly text: string;
  /** Each before those that refer to it; `name` is what they call it (a file to import, a type). */
  readonly references: readonly { readonly name: string; readonly text: string }[];
  /** Under which the schema is registered; empty where the registry does not say. */
  readonly subjects: readonly string[];
}

export type SchemaLookupResult =
  | { readonly kind: 'schema'; readonly schema: RegisteredSchema }
  /** The registry says that it has no such schema. */
  | { readonly kind: 'unknown'; readonly detail: string }
  /** Nobody's fault, or not known: credentials, time-outs, connection errors, a server that is not a registry. */
  | { readonly kind: 'unavailable'; readonly detail: string };

/** An id means the same schema for ever: whoever asks may keep the answer. */
export interface SchemaRegistry {
  readSchema(id: SchemaId, timeoutMs: number): Promise<SchemaLookupResult>;
}
