import type { SchemaLookupResult, SchemaRegistry } from '../../../lib/schema-registry/registry.ts';
import { schemaKey, type SchemaId } from '../../../lib/schema-registry/schema-id.ts';

/** Schemas by `schemaKey`; what it does not hold is unknown, and it can be out of reach. */
export class InMemorySchemaRegistry implements SchemaRegistry {
  readonly reads: string[] = [];
  isReachable = true;
  readonly #results: ReadonlyMap<string, SchemaLookupResult>;

  constructor(results: Readonly<Record<string, SchemaLookupResult>>) {
    this.#results = new Map(Object.entries(results));
  }

  async readSchema(id: SchemaId): Promise<SchemaLookupResult> {
    const key = schemaKey(id);
    this.reads.push(key);
    if (!this.isReachable) return { kind: 'unavailable', detail: 'the connection failed: ECONNREFUSED' };
    return this.#results.get(key) ?? { kind: 'unknown', detail: `${key} is not found` };
  }
}
