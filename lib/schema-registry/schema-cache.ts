/** Cache of compiled schemas: each is read from the registry once. */
import { mapWithConcurrency } from '../map-with-concurrency.ts';
import type { Rejection } from '../event/record.ts';
import { rejected } from '../event/rejection.ts';
import type { SchemaRegistry, SchemaType } from './registry.ts';
import { compileSchema, type SchemaDecoder } from './schema-decoder.ts';
import { schemaKey, type SchemaId } from './schema-id.ts';

export type LookedUpSchema =
  | { readonly kind: 'usable'; readonly decoder: SchemaDecoder; readonly subjects: readonly string[] }
  /** Values that name this schema can never be decoded. */
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The registry could not be reached: the same values may be decoded after a redelivery. */
  | { readonly kind: 'unavailable'; readonly detail: string };

/** The schemas that the records of one invocation name, by `schemaKey`. */
export type LookedUpSchemas = ReadonlyMap<string, LookedUpSchema>;

/** A topic has a few schemas; values that name thousands must not fill the memory. */
const MAX_KEPT = 1_000;
const PARALLEL_READS = 5;

export class SchemaCache {
  readonly #registry: SchemaRegistry;
  readonly #type: SchemaType;
  readonly #kept = new Map<string, LookedUpSchema>();
  readonly #inFlight = new Map<string, Promise<LookedUpSchema>>();

  /** `type` is the format of the source: schemas of other formats are rejected. */
  constructor(registry: SchemaRegistry, type: SchemaType) {
    this.#registry = registry;
    this.#type = type;
  }

  async lookUp(schemaIds: readonly SchemaId[], timeoutMs: number): Promise<LookedUpSchemas> {
    const wanted = new Map(schemaIds.map((schemaId) => [schemaKey(schemaId), schemaId]));
    const found = await mapWithConcurrency([...wanted], PARALLEL_READS, async ([key, schemaId]) => {
      return [key, await this.#find(key, schemaId, timeoutMs)] as const;
    });
    return new Map(found);
  }

  /** Callers share one request for a schema. A result that may change is not kept. */
  #find(key: string, schemaId: SchemaId, timeoutMs: number): LookedUpSchema | Promise<LookedUpSchema> {
    const kept = this.#kept.get(key) ?? this.#inFlight.get(key);
    if (kept !== undefined) return kept;
    const pending = this.#read(key, schemaId, timeoutMs).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, pending);
    return pending;
  }

  async #read(key: string, schemaId: SchemaId, timeoutMs: number): Promise<LookedUpSchema> {
    const result = await this.#registry.readSchema(schemaId, timeoutMs);
    switch (result.kind) {
      case 'unavailable':
        return result;
      case 'unknown':
        return rejected(
          'schema-unknown',
          `The value names a schema that the registry does not have: ${result.detail}. Register it, or fix the producer.`,
        );
      case 'schema': {
        const { type, subjects } = result.schema;
        const decoder = type === this.#type ? await compileSchema(result.schema) : this.#refuseType(type);
        const schema: LookedUpSchema = 'kind' in decoder ? decoder : { kind: 'usable', decoder, subjects };
        this.#keep(key, schema);
        return schema;
      }
    }
  }

  #refuseType(type: SchemaType) {
    return rejected(
      'schema-unusable',
      `The value names a schema in ${type}, but the format of its source is ${this.#type}. ` +
        'Give each format a topic and a source of its own.',
    );
  }

  #keep(key: string, schema: LookedUpSchema): void {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, schema);
  }
}
