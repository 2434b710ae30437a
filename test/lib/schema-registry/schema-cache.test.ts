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
  return { registry, known: new SchemaCache(registry, 'avro') };
}

describe('the schemas that a function knows', () => {
  it('are read once each, whoever asks and however often', async () => {
    const { registry, known } = parts();
    const lookups = await Promise.all([known.lookUp([id(1), id(1)], 1_000), known.lookUp([id(1)], 1_000)]);
    await known.lookUp([id(1)], 1_000);
    expect(registry.reads).toEqual(['confluent-id:1']);
    for (const lookup of lookups) {
      expect(lookup.get('confluent-id:1')).toMatchObject({ kind: 'known', subjects: ['orders-value'] });
    }
  });

  it('are none of those that cannot be used, which is settled for ever', async () => {
    const { registry, known } = parts();
    for (const readsSoFar of [0, 2]) {
      expect(registry.reads).toHaveLength(readsSoFar);
      const lookup = await known.lookUp([id(2), id(3)], 1_000);
      expect(lookup.get('confluent-id:2')).toMatchObject({ rejection: { code: 'schema-unusable' } });
      expect(lookup.get('confluent-id:3')).toMatchObject({
        rejection: { code: 'schema-unusable', detail: expect.stringContaining('format protobuf') as string },
      });
    }
    expect(registry.reads).toHaveLength(2);
  });

  it('may be registered after a value was there that names them', async () => {
    const { registry, known } = parts();
    for (const readsSoFar of [0, 1]) {
      expect(registry.reads).toHaveLength(readsSoFar);
      const lookup = await known.lookUp([id(9)], 1_000);
      expect(lookup.get('confluent-id:9')).toMatchObject({
        kind: 'rejected',
        rejection: { code: 'schema-unknown', detail: expect.stringContaining('confluent-id:9') as string },
      });
    }
    expect(registry.reads).toHaveLength(2);
  });

  it('are asked for again after the registry was out of reach, and those that were read need it no more', async () => {
    const { registry, known } = parts();
    registry.isReachable = false;
    const missed = await known.lookUp([id(1)], 1_000);
    expect(missed.get('confluent-id:1')).toEqual({
      kind: 'unavailable',
      detail: expect.any(String) as string,
    });

    registry.isReachable = true;
    await known.lookUp([id(1)], 1_000);
    registry.isReachable = false;
    const kept = await known.lookUp([id(1)], 1_000);
    expect(kept.get('confluent-id:1')).toMatchObject({ kind: 'known' });
  });
});
