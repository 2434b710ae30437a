/** Port of a schema registry (see `lib/ports.ts`); `test/contract` holds every implementation to its promises. */
import type { SchemaId } from './schema-id.ts';

export type SchemaType = 'avro' | 'protobuf' | 'json-schema';

/** A schema in the registry, with everything that it refers to. */
export interface RegisteredSchema {
  readonly type: SchemaType;
  readonly text: string;
  /** In an order in which each comes before those that refer to it. `name` is the file to import, or the type. */
  readonly references: readonly { readonly name: string; readonly text: string }[];
  /** The subjects under which the schema is registered; empty if the registry does not say. */
  readonly subjects: readonly string[];
}

export type SchemaLookupResult =
  | { readonly kind: 'schema'; readonly schema: RegisteredSchema }
  /** The registry says that it has no such schema. */
  | { readonly kind: 'unknown'; readonly detail: string }
  /** Transient or indeterminate: credentials, time-outs, connection errors, a server that is not a registry. */
  | { readonly kind: 'unavailable'; readonly detail: string };

/** An id always means the same schema, so a caller may cache what it read. */
export interface SchemaRegistry {
  readSchema(id: SchemaId, timeoutMs: number): Promise<SchemaLookupResult>;
}
