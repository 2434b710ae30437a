/** The adapter for Confluent's API over a real Apicurio Registry, and values decoded with what that returns. */
import { create } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { ConfluentSchemaRegistry } from '../../lib/adapters/http/confluent-schema-registry.ts';
import type { SchemaType } from '../../lib/schema-registry/registry.ts';
import { compileSchema } from '../../lib/schema-registry/schema-decoder.ts';
import type { SchemaId } from '../../lib/schema-registry/schema-id.ts';
import { descriptorText } from '../support/builders/protobuf-files.ts';
import { InMemorySecretSource } from '../support/fakes/in-memory-secret-source.ts';
import { defineSchemaReferencesContract, defineSchemaRegistryContract } from './schema-registry.contract.ts';

const url = inject('schemaRegistryUrl') ?? '';

interface Reference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

const TYPES = { 'avro': 'AVRO', 'protobuf': 'PROTOBUF', 'json-schema': 'JSON' } as const;

async function register(
  { type, text }: { readonly type: SchemaType; readonly text: string },
  subject: string,
  references: readonly Reference[] = [],
): Promise<SchemaId> {
  const response = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schemaType: TYPES[type], schema: text, references }),
  });
  const body = (await response.json()) as { readonly id?: number };
  if (body.id === undefined) throw new Error(`not registered: ${JSON.stringify(body)}`);
  return { kind: 'confluent-id', id: body.id };
}

function connect(registryUrl: string): ConfluentSchemaRegistry {
  return new ConfluentSchemaRegistry({
    clock: { nowEpochMs: () => Date.now() },
    url: registryUrl,
    authSecret: null,
    secrets: new InMemorySecretSource({}),
    version: 'test',
  });
}

/** Apicurio keeps schemas between tests. The ids of equal texts are equal, and so are their subjects. */
async function makeRegistry() {
  const run = randomUUID();
  return {
    registry: connect(url),
    register,
    registerWith: (
      schema: { readonly type: SchemaType; readonly text: string },
      subject: string,
      references: readonly Reference[],
    ) =>
      register(
        schema,
        `${run}-${subject}`,
        references.map((reference) => ({ ...reference, subject: `${run}-${reference.subject}` })),
      ),
    unknownId: { kind: 'confluent-id', id: 2_000_000_000 },
    foreignId: { kind: 'glue', versionId: randomUUID() },
    unreachable: connect('http://127.0.0.1:1/apis/ccompat/v7'),
  } as const;
}

describe.skipIf(url === '')('over Apicurio', () => {
  defineSchemaRegistryContract('ConfluentSchemaRegistry', makeRegistry);
  defineSchemaReferencesContract('ConfluentSchemaRegistry', makeRegistry);

  async function decode(id: SchemaId, hex: string): Promise<unknown> {
    const result = await connect(url).readSchema(id, 30_000);
    if (result.kind !== 'schema') throw new Error(`the registry says: ${result.detail}`);
    const decoder = await compileSchema(result.schema);
    if ('kind' in decoder) throw new Error(decoder.rejection.detail);
    const value = decoder.decode(
      { kind: 'framed', schemaId: id, payload: Buffer.from(hex, 'hex'), isCompressed: false },
      1_000_000,
    );
    return value.kind === 'value' ? JSON.parse(String(value.jsonText)) : value;
  }

  // message A { string s = 1; } in the file main.proto, as protoc compiles it and Confluent's Python registers it.
  const DESCRIPTOR = 'CgptYWluLnByb3RvIhEKAUESDAoBcxgBIAEoCVIBc2IGcHJvdG8z';

  it('a Protobuf schema that was registered as a descriptor in base64 decodes its values', async () => {
    const id = await register({ type: 'protobuf', text: DESCRIPTOR }, randomUUID());
    expect(await decode(id, '000a0178')).toEqual({ s: 'x' });
  });

  it('a Protobuf schema may refer to one that was registered as a descriptor, and be one itself', async () => {
    const subject = randomUUID();
    await register({ type: 'protobuf', text: DESCRIPTOR }, subject);
    const references = [{ name: 'main.proto', subject, version: 1 }];
    const text = 'syntax = "proto3"; import "main.proto"; message Order { A a = 1; }';
    const descriptor = descriptorText(
      create(FileDescriptorProtoSchema, {
        name: 'order.proto',
        syntax: 'proto3',
        dependency: ['main.proto'],
        messageType: [
          {
            name: 'Order',
            field: [
              {
                name: 'a',
                number: 1,
                label: Label.OPTIONAL,
                type: Type.MESSAGE,
                typeName: '.A',
                jsonName: 'a',
              },
            ],
          },
        ],
      }),
    );
    for (const schema of [text, descriptor]) {
      const id = await register({ type: 'protobuf', text: schema }, randomUUID(), references);
      expect(await decode(id, '000a030a0178')).toEqual({ a: { s: 'x' } });
    }
  });

  it("a Protobuf schema may import Google's common types without a reference, as Kafka Connect writes dates", async () => {
    const text = 'syntax = "proto3"; import "google/type/date.proto"; message A { google.type.Date d = 1; }';
    const id = await register({ type: 'protobuf', text }, randomUUID());
    expect(await decode(id, '000a0708ea0f100b181c')).toEqual({ d: { year: 2026, month: 11, day: 28 } });
  });

  it('a schema whose references reach one type in two versions takes the first, by name', async () => {
    const subject = randomUUID();
    const money = (field: string) => ({
      type: 'avro' as const,
      text: JSON.stringify({
        type: 'record',
        name: 'Money',
        fields: [{ name: field, type: 'int', default: 0 }],
      }),
    });
    await register(money('cents'), subject);
    await register(money('euros'), subject);
    const user = async (name: string, version: number) => {
      const own = randomUUID();
      const text = JSON.stringify({ type: 'record', name, fields: [{ name: 'money', type: 'Money' }] });
      await register({ type: 'avro', text }, own, [{ name: 'Money', subject, version }]);
      return { name, subject: own, version: 1 };
    };
    const references = [await user('Paid', 1), await user('Lost', 2)];
    const text = JSON.stringify({
      type: 'record',
      name: 'Both',
      fields: references.map(({ name }) => ({ name: name.toLowerCase(), type: name })),
    });
    const id = await register({ type: 'avro', text }, randomUUID(), references);
    expect(await decode(id, '0204')).toEqual({
      paid: { money: { cents: 1 } },
      lost: { money: { cents: 2 } },
    });
  });
});
