/** Create the registry that a source's configuration names. */
import type { CompiledSchemaRegistry } from '../../compiled-config/compiled.ts';
import type { SecretSource } from '../../ports.ts';
import type { SchemaLookupResult, SchemaRegistry } from '../../schema-registry/registry.ts';
import type { SchemaId } from '../../schema-registry/schema-id.ts';
import { systemClock } from '../system-clock.ts';
import { ConfluentSchemaRegistry } from './confluent-schema-registry.ts';

export interface SchemaRegistryContext {
  readonly secrets: SecretSource;
  /** The version of Sluice. */
  readonly version: string;
}

export function createSchemaRegistry(
  registry: CompiledSchemaRegistry,
  { secrets, version }: SchemaRegistryContext,
): SchemaRegistry {
  switch (registry.kind) {
    case 'confluent': {
      const { url, authSecret, oauth } = registry;
      const options = { url, authSecret, secrets, version, clock: systemClock };
      return new ConfluentSchemaRegistry({ ...options, ...(oauth !== undefined && { oauth }) });
    }
    case 'glue':
      return new LazyGlueSchemaRegistry(registry.region);
  }
}

/** Loads the client of AWS Glue with the first schema, so that cold starts of other sources do not pay for it. */
class LazyGlueSchemaRegistry implements SchemaRegistry {
  readonly #region: string;
  #loading: Promise<SchemaRegistry> | undefined;

  constructor(region: string) {
    this.#region = region;
  }

  async readSchema(id: SchemaId, timeoutMs: number): Promise<SchemaLookupResult> {
    const registry = await (this.#loading ??= this.#load());
    return registry.readSchema(id, timeoutMs);
  }

  async #load(): Promise<SchemaRegistry> {
    const { createGlueSchemaRegistry } = await import('../aws/glue-schema-registry.ts');
    return createGlueSchemaRegistry(this.#region);
  }
}
