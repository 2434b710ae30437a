import { describe, expect, it } from 'vitest';
import { SchemaCache } from '../../../lib/schema-registry/schema-cache.ts';
import type { SchemaId } from '../../../lib/schema-registry/schema-id.ts';
import { makeSchema } from '../../support/builders/framed-values.ts';
import { InMemorySchemaRegistry } from '../../support/fakes/in-memory-schema-registry.ts';

const id = (value: number): SchemaId => ({ kind: 'confluent-id', id: value });

function parts() {
  const registry = new InMemorySchemaRegistry({
    'confluent-id:1': { kind: 'schema', schema: makeSchema({ text: '"long"', subjects: ['orders-value'] }) },
    'confluent-id:2': { kind: 'schema', schema: makeSchema({ text: '"no-such-type"' }) },
    'confluent-id:3': { kind: 'schema', schema: makeSchema({ type: 'protobuf', text: '' }) },
  });
  return { registry, cache: new SchemaCache(registry, 'avro') };
}

describe('SchemaCache', () => {
  it('reads a schema once, however many callers look it up, and however often', async () => {
    const { registry, cache } = parts();
    const lookups = await Promise.all([cache.lookUp([id(1), id(1)], 1_000), cache.lookUp([id(1)], 1_000)]);
    await cache.lookUp([id(1)], 1_000);
    expect(registry.reads).toEqual(['confluent-id:1']);
    for (const lookup of lookups) {
      expect(lookup.get('confluent-id:1')).toMatchObject({ kind: 'usable', subjects: ['orders-value'] });
    }
  });

  it('rejects a schema that cannot be used, and keeps that result', async () => {
    const { registry, cache } = parts();
    for (const readsSoFar of [0, 2]) {
      expect(registry.reads).toHaveLength(readsSoFar);
      const lookup = await cache.lookUp([id(2), id(3)], 1_000);
      expect(lookup.get('confluent-id:2')).toMatchObject({ rejection: { code: 'schema-unusable' } });
      expect(lookup.get('confluent-id:3')).toMatchObject({
        rejection: { code: 'schema-unusable', detail: expect.stringContaining('in protobuf') as string },
      });
    }
    expect(registry.reads).toHaveLength(2);
  });

  it('looks up an unknown schema again, which may be registered later', async () => {
    const { registry, cache } = parts();
    for (const readsSoFar of [0, 1]) {
      expect(registry.reads).toHaveLength(readsSoFar);
      const lookup = await cache.lookUp([id(9)], 1_000);
      expect(lookup.get('confluent-id:9')).toMatchObject({
        kind: 'rejected',
        rejection: { code: 'schema-unknown', detail: expect.stringContaining('confluent-id:9') as string },
      });
    }
    expect(registry.reads).toHaveLength(2);
  });

  it('looks up a schema again after the registry could not be reached, and keeps what it has read', async () => {
    const { registry, cache } = parts();
    registry.isReachable = false;
    const missed = await cache.lookUp([id(1)], 1_000);
    expect(missed.get('confluent-id:1')).toEqual({
      kind: 'unavailable',
      detail: expect.any(String) as string,
    });

    registry.isReachable = true;
    await cache.lookUp([id(1)], 1_000);
    registry.isReachable = false;
    const kept = await cache.lookUp([id(1)], 1_000);
    expect(kept.get('confluent-id:1')).toMatchObject({ kind: 'usable' });
  });
});
