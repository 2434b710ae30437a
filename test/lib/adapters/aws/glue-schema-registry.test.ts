import {
  AccessDeniedException,
  EntityNotFoundException,
  GetSchemaVersionCommand,
  GlueClient,
  type GetSchemaVersionResponse,
} from '@aws-sdk/client-glue';
import { mockClient } from 'aws-sdk-client-mock';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GlueSchemaRegistry } from '../../../../lib/adapters/aws/glue-schema-registry.ts';
import type { SchemaLookupResult } from '../../../../lib/schema-registry/registry.ts';
import { defineSchemaRegistryContract } from '../../../contract/schema-registry.contract.ts';

const versionId = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const NOT_FOUND = new EntityNotFoundException({ $metadata: {}, message: '' });
const FORMATS = { 'avro': 'AVRO', 'protobuf': 'PROTOBUF', 'json-schema': 'JSON' } as const;

/** No emulator has the schema registry of AWS Glue: the SDK's client is scripted. */
defineSchemaRegistryContract('GlueSchemaRegistry', () => {
  const client = new GlueClient({ region: 'eu-west-1' });
  const mock = mockClient(client).on(GetSchemaVersionCommand).rejects(NOT_FOUND);
  const unreachable = new GlueClient({ region: 'eu-west-1' });
  mockClient(unreachable).rejects(Object.assign(new Error('connect'), { name: 'TimeoutError' }));
  return Promise.resolve({
    registry: new GlueSchemaRegistry(client),
    register: ({ type, text }, subject) => {
      const id = randomUUID();
      mock.on(GetSchemaVersionCommand, { SchemaVersionId: id }).resolves({
        SchemaDefinition: text,
        DataFormat: FORMATS[type],
        SchemaArn: `arn:aws:glue:eu-west-1:123456789012:schema/registry/${subject}`,
      });
      return Promise.resolve({ kind: 'glue', versionId: id });
    },
    unknownId: { kind: 'glue', versionId },
    foreignId: { kind: 'confluent-id', id: 1 },
    unreachable: new GlueSchemaRegistry(unreachable),
  });
});

async function read(response: GetSchemaVersionResponse | Error): Promise<SchemaLookupResult> {
  const client = new GlueClient({ region: 'eu-west-1' });
  const mock = mockClient(client).on(GetSchemaVersionCommand, { SchemaVersionId: versionId });
  if (response instanceof Error) mock.rejects(response);
  else mock.resolves(response);
  return new GlueSchemaRegistry(client).readSchema({ kind: 'glue', versionId }, 1_000);
}

describe('GlueSchemaRegistry', () => {
  it('does not know a schema version without a definition', async () => {
    expect(await read({ DataFormat: 'AVRO' })).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    new AccessDeniedException({ $metadata: {}, message: 'secret' }),
    Object.assign(new Error('secret'), { name: 'TimeoutError' }),
  ])('is unavailable, so that no event is lost, when AWS responds with %s', async (error) => {
    expect(await read(error)).toEqual({ kind: 'unavailable', detail: `AWS Glue: ${error.name}` });
  });
});
