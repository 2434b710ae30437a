/** The schemas that a function has met, ready to decode with: each is read from the registry once. */
import { mapWithConcurrency } from '../map-with-concurrency.ts';
import type { Rejection } from '../event/record.ts';
import { rejected } from '../event/rejection.ts';
import type { SchemaRegistry, SchemaType } from './registry.ts';
import { compileSchema, type SchemaDecoder } from './schema-decoder.ts';
import { schemaKey, type SchemaId } from './schema-id.ts';

export type LookedUpSchema =
  | { readonly kind: 'known'; readonly decoder: SchemaDecoder; readonly subjects: readonly string[] }
  /** Values that name this schema can never be decoded. */
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The registry could not be asked: the same values may be decoded another time. */
  | { readonly kind: 'unavailable'; readonly detail: string };

/** By `schemaKey`: all that the pure decoding of one invocation may ask. */
export type LookedUpSchemas = ReadonlyMap<string, LookedUpSchema>;

/** A topic has a few schemas; one that names thousands must not fill the memory. */
const MAX_KEPT = 1_000;
const PARALLEL_READS = 5;

export class SchemaCache {
  readonly #registry: SchemaRegistry;
  readonly #type: SchemaType;
  readonly #kept = new Map<string, LookedUpSchema>();
  readonly #inFlight = new Map<string, Promise<LookedUpSchema>>();

  /** `type` is the format of the source: a schema of another is refused. */
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

  /** One request at a time for a schema, whoever asks. What is not settled for ever is asked again next time. */
  #find(key: string, schemaId: SchemaId, timeoutMs: number): LookedUpSchema | Promise<LookedUpSchema> {
    const kept = this.#kept.get(key) ?? this.#inFlight.get(key);
    if (kept !== undefined) return kept;
    const reading = this.#read(key, schemaId, timeoutMs).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, reading);
    return reading;
  }

  async #read(key: string, schemaId: SchemaId, timeoutMs: number): Promise<LookedUpSchema> {
    const answer = await this.#registry.readSchema(schemaId, timeoutMs);
    switch (answer.kind) {
      case 'unavailable':
        return answer;
      case 'unknown':
        return rejected(
          'schema-unknown',
          `The value names a schema that the registry does not have: ${answer.detail}. Register it, or mend the producer.`,
        );
      case 'schema': {
        const { type, subjects } = answer.schema;
        const decoder = type === this.#type ? await compileSchema(answer.schema) : this.#refuseType(type);
        const finding: LookedUpSchema = 'kind' in decoder ? decoder : { kind: 'known', decoder, subjects };
        this.#keep(key, finding);
        return finding;
      }
    }
  }

  #refuseType(type: SchemaType) {
    return rejected(
      'schema-unusable',
      `The value names a schema of format ${type}, and its source has format: ${this.#type}. ` +
        'Give each format a topic and a source of its own.',
    );
  }

  #keep(key: string, finding: LookedUpSchema): void {
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, finding);
  }
}
