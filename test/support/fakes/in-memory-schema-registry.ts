import type { SchemaLookupResult, SchemaRegistry } from '../../../lib/schema-registry/registry.ts';
import { schemaKey, type SchemaId } from '../../../lib/schema-registry/schema-id.ts';

/** Schemas by `schemaKey`. Other schemas are unknown to it, and it can be made unreachable. */
export class InMemorySchemaRegistry implements SchemaRegistry {
  readonly reads: string[] = [];
  isReachable = true;
  readonly #results: Map<string, SchemaLookupResult>;

  constructor(results: Readonly<Record<string, SchemaLookupResult>>) {
    this.#results = new Map(Object.entries(results));
  }

  add(id: SchemaId, result: SchemaLookupResult): void {
    this.#results.set(schemaKey(id), result);
  }

  async readSchema(id: SchemaId): Promise<SchemaLookupResult> {
    const key = schemaKey(id);
    this.reads.push(key);
    if (!this.isReachable) return { kind: 'unavailable', detail: 'the connection failed: ECONNREFUSED' };
    return this.#results.get(key) ?? { kind: 'unknown', detail: `${key} is not found` };
  }
}
