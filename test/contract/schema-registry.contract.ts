import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RegisteredSchema, SchemaRegistry } from '../../lib/schema-registry/registry.ts';
import type { SchemaId } from '../../lib/schema-registry/schema-id.ts';

export interface SchemaRegistryUnderTest {
  readonly registry: SchemaRegistry;
  /** Adds a schema under a subject, and returns the id by which values name it. */
  readonly register: (schema: Omit<RegisteredSchema, 'subjects'>, subject: string) => Promise<SchemaId>;
  /** An id of the registry's own kind that it does not have. */
  readonly unknownId: SchemaId;
  /** An id that only another kind of registry can have. */
  readonly foreignId: SchemaId;
  /** Another adapter for a registry that cannot be reached. */
  readonly unreachable: SchemaRegistry;
}

const ENOUGH_MS = 30_000;

/** A registry may have schemas already, and knows equal texts by one id. */
const NAME = `Order${randomUUID().replaceAll('-', '')}`;

const SCHEMAS: readonly Omit<RegisteredSchema, 'subjects'>[] = [
  { type: 'avro', text: `{"type":"fixed","name":"${NAME}","size":1}`, references: [] },
  { type: 'protobuf', text: `syntax = "proto3"; message ${NAME} { int64 id = 1; }`, references: [] },
  {
    type: 'json-schema',
    text: `{"type":"object","properties":{"${NAME}":{"type":"integer"}}}`,
    references: [],
  },
];

/** What every SchemaRegistry promises. */
export function defineSchemaRegistryContract(
  name: string,
  makeRegistry: () => Promise<SchemaRegistryUnderTest>,
): void {
  describe(`${name} as a schema registry`, () => {
    it.each(SCHEMAS)('reads the text, the type and the subject of a schema in $type', async (schema) => {
      const { registry, register } = await makeRegistry();
      const subject = `orders-${schema.type}-value`;
      const id = await register(schema, subject);
      const expected = { kind: 'schema', schema: { ...schema, subjects: [subject] } };
      expect(await registry.readSchema(id, ENOUGH_MS)).toEqual(expected);
      // An id means the same schema at any time.
      expect(await registry.readSchema(id, ENOUGH_MS)).toEqual(expected);
    });

    it('does not know an id that was never registered, and says so only while it can be reached', async () => {
      const { registry, unknownId, unreachable } = await makeRegistry();
      expect(await registry.readSchema(unknownId, ENOUGH_MS)).toMatchObject({ kind: 'unknown' });
      expect(await unreachable.readSchema(unknownId, ENOUGH_MS)).toMatchObject({ kind: 'unavailable' });
    });

    it('does not know an id of another kind of registry', async () => {
      const { registry, foreignId } = await makeRegistry();
      expect(await registry.readSchema(foreignId, ENOUGH_MS)).toMatchObject({ kind: 'unknown' });
    });

    it('reads schemas for several callers at once', async () => {
      const { registry, register } = await makeRegistry();
      const id = await register({ type: 'avro', text: '"string"', references: [] }, 'names-value');
      const results = await Promise.all([1, 2, 3].map(() => registry.readSchema(id, ENOUGH_MS)));
      expect(results.map(({ kind }) => kind)).toEqual(['schema', 'schema', 'schema']);
    });
  });
}

/** What a registry promises whose schemas can refer to others. */
export function defineSchemaReferencesContract(
  name: string,
  makeRegistry: () => Promise<
    SchemaRegistryUnderTest & {
      readonly registerWith: (
        schema: Omit<RegisteredSchema, 'subjects' | 'references'>,
        subject: string,
        references: readonly { readonly name: string; readonly subject: string; readonly version: number }[],
      ) => Promise<SchemaId>;
    }
  >,
): void {
  const money = { type: 'protobuf', text: 'syntax = "proto3"; message Money { int64 cents = 1; }' } as const;
  const line = {
    type: 'protobuf',
    text: 'syntax = "proto3"; import "money.proto"; message Line { Money price = 1; }',
  } as const;
  const order = {
    type: 'protobuf',
    text: 'syntax = "proto3"; import "line.proto"; import "money.proto"; message Order { Line l = 1; Money m = 2; }',
  } as const;

  it(`${name} reads a schema's references, once by each name, each before those that refer to it`, async () => {
    const { registry, registerWith } = await makeRegistry();
    await registerWith(money, 'money', []);
    const toMoney = { name: 'money.proto', subject: 'money', version: 1 };
    await registerWith(line, 'line', [toMoney]);
    const toLine = { name: 'line.proto', subject: 'line', version: 1 };
    const id = await registerWith(order, 'order', [toLine, toMoney]);
    expect(await registry.readSchema(id, ENOUGH_MS)).toMatchObject({
      kind: 'schema',
      schema: {
        text: order.text,
        references: [
          { name: 'money.proto', text: money.text },
          { name: 'line.proto', text: line.text },
        ],
      },
    });
  });
}
