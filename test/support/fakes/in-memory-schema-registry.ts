import type { SchemaAnswer, SchemaRegistry } from '../../../lib/schema-registry/registry.ts';
import { schemaKey, type SchemaId } from '../../../lib/schema-registry/schema-id.ts';

/** Schemas by `schemaKey`; what it does not hold is unknown, and it can be out of reach. */
export class InMemorySchemaRegistry implements SchemaRegistry {
  readonly reads: string[] = [];
  isReachable = true;
  readonly #answers: ReadonlyMap<string, SchemaAnswer>;

  constructor(answers: Readonly<Record<string, SchemaAnswer>>) {
    this.#answers = new Map(Object.entries(answers));
  }

  async readSchema(id: SchemaId): Promise<SchemaAnswer> {
    const key = schemaKey(id);
    this.reads.push(key);
    if (!this.isReachable) return { kind: 'unavailable', detail: 'the connection failed: ECONNREFUSED' };
    return this.#answers.get(key) ?? { kind: 'unknown', detail: `${key} is not found` };
  }
}
