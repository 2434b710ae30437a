import {
  AccessDeniedException,
  EntityNotFoundException,
  GetSchemaVersionCommand,
  GlueClient,
  type GetSchemaVersionResponse,
} from '@aws-sdk/client-glue';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { GlueSchemaRegistry } from '../../../../lib/adapters/aws/glue-schema-registry.ts';
import type { SchemaLookupResult } from '../../../../lib/schema-registry/registry.ts';

const versionId = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

async function read(answer: GetSchemaVersionResponse | Error): Promise<SchemaLookupResult> {
  const client = new GlueClient({ region: 'eu-west-1' });
  const mock = mockClient(client).on(GetSchemaVersionCommand, { SchemaVersionId: versionId });
  if (answer instanceof Error) mock.rejects(answer);
  else mock.resolves(answer);
  return new GlueSchemaRegistry(client).readSchema({ kind: 'glue', versionId }, 1_000);
}

describe('the schema registry of AWS Glue', () => {
  it('gives the definition of a schema version, and the name of its schema', async () => {
    const answer = {
      SchemaDefinition: '"long"',
      DataFormat: 'AVRO',
      SchemaArn: 'arn:aws:glue:eu-west-1:123456789012:schema/registry/orders',
    } as const;
    expect(await read(answer)).toEqual({
      kind: 'schema',
      schema: { type: 'avro', text: '"long"', references: [], subjects: ['orders'] },
    });
  });

  it('does not have a version that is not found, or has no definition', async () => {
    const notFound = new EntityNotFoundException({ $metadata: {}, message: '' });
    expect(await read(notFound)).toMatchObject({ kind: 'unknown' });
    expect(await read({ DataFormat: 'AVRO' })).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    new AccessDeniedException({ $metadata: {}, message: 'secret' }),
    Object.assign(new Error('secret'), { name: 'TimeoutError' }),
  ])('is unavailable, and nothing is lost, when it answers with %s', async (error) => {
    expect(await read(error)).toEqual({ kind: 'unavailable', detail: `AWS Glue: ${error.name}` });
  });

  it("does not have what is framed for Confluent's", async () => {
    const registry = new GlueSchemaRegistry(new GlueClient({ region: 'eu-west-1' }));
    expect(await registry.readSchema({ kind: 'confluent-id', id: 1 }, 1_000)).toMatchObject({
      kind: 'unknown',
    });
  });
});
