import { afterEach, describe, expect, it } from 'vitest';
import { ConfluentSchemaRegistry } from '../../../../lib/adapters/http/confluent-schema-registry.ts';
import type { SchemaLookupResult } from '../../../../lib/schema-registry/registry.ts';
import { InMemorySecretSource } from '../../../support/fakes/in-memory-secret-source.ts';
import {
  startScriptedHttpServer,
  type ScriptedHttpServer,
} from '../../../support/fakes/scripted-http-server.ts';

type Responses = Readonly<Record<string, readonly [status: number, json: unknown]>>;

const NOT_FOUND = [404, { error_code: 40403, message: 'Schema not found' }] as const;
const ID_1 = { kind: 'confluent-id', id: 1 } as const;

const open: { server?: ScriptedHttpServer; registry?: ConfluentSchemaRegistry } = {};

afterEach(async () => {
  open.registry?.close();
  await open.server?.close();
});

/** Start a registry with these responses by path, and 401 for requests without the expected `authorization`. */
async function registryWith(
  responses: Responses,
  secrets: InMemorySecretSource = new InMemorySecretSource({}),
  authorization?: () => string,
) {
  const server = await startScriptedHttpServer((seen, response) => {
    const isWelcome = authorization === undefined || seen.headers.authorization === authorization();
    const [status, json] = isWelcome ? (responses[seen.path] ?? NOT_FOUND) : [401, { error_code: 40101 }];
    if (json === 'never') return;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  });
  const registry = new ConfluentSchemaRegistry({
    url: `${server.url}/apis/ccompat/v7/`,
    authSecret: authorization === undefined ? null : 'registry',
    secrets,
    clock: { nowEpochMs: () => 0 },
    version: 'test',
  });
  Object.assign(open, { server, registry });
  return { server, registry };
}

const BASE = '/apis/ccompat/v7';

async function read(responses: Responses, timeoutMs = 5_000): Promise<SchemaLookupResult> {
  const { registry } = await registryWith(responses);
  return registry.readSchema(ID_1, timeoutMs);
}

describe('ConfluentSchemaRegistry', () => {
  it('reads a schema with its references, each before those that refer to it, and its subjects', async () => {
    const reference = (name: string, subject: string) => ({ name, subject, version: 3 });
    const result = await read({
      [`${BASE}/schemas/ids/1`]: [
        200,
        {
          schemaType: 'PROTOBUF',
          schema: 'main',
          references: [reference('b.proto', 'b'), reference('a.proto', 'a/1')],
        },
      ],
      [`${BASE}/subjects/b/versions/3?deleted=true`]: [
        200,
        { schemaType: 'PROTOBUF', schema: 'b', references: [reference('a.proto', 'a/1')] },
      ],
      [`${BASE}/subjects/a%2F1/versions/3?deleted=true`]: [
        200,
        { schemaType: 'PROTOBUF', schema: 'a', references: [reference('b.proto', 'b')] },
      ],
      [`${BASE}/schemas/ids/1/versions`]: [
        200,
        [
          { subject: 'orders-value', version: 1 },
          { subject: 'orders-value', version: 4 },
          { subject: 'other', version: 1 },
        ],
      ],
    });
    expect(result).toEqual({
      kind: 'schema',
      schema: {
        type: 'protobuf',
        text: 'main',
        references: [
          { name: 'a.proto', text: 'a' },
          { name: 'b.proto', text: 'b' },
        ],
        subjects: ['orders-value', 'other'],
      },
    });
  });

  it('takes the first of several references by one name, as where two versions of a type are reached', async () => {
    const reference = (name: string, version: number) => ({ name, subject: name, version });
    const schema = (text: string, ...references: readonly object[]) =>
      [200, { schema: text, references }] as const;
    expect(
      await read({
        [`${BASE}/schemas/ids/1`]: schema('main', reference('b', 1), reference('money', 2)),
        [`${BASE}/subjects/b/versions/1?deleted=true`]: schema('b', reference('money', 1)),
        [`${BASE}/subjects/money/versions/1?deleted=true`]: schema('money 1'),
        [`${BASE}/subjects/money/versions/2?deleted=true`]: schema('money 2'),
      }),
    ).toMatchObject({
      schema: {
        references: [
          { name: 'money', text: 'money 1' },
          { name: 'b', text: 'b' },
        ],
      },
    });
  });

  it('takes a schema without a type for Avro, and a registry without subjects for one that does not know them', async () => {
    expect(await read({ [`${BASE}/schemas/ids/1`]: [200, { schema: '"long"' }] })).toEqual({
      kind: 'schema',
      schema: { type: 'avro', text: '"long"', references: [], subjects: [] },
    });
  });

  it('reads a schema by its GUID', async () => {
    const guid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
    const { registry } = await registryWith({
      [`${BASE}/schemas/guids/${guid}`]: [200, { schemaType: 'JSON', schema: '{}' }],
    });
    expect(await registry.readSchema({ kind: 'confluent-guid', guid }, 5_000)).toMatchObject({
      kind: 'schema',
      schema: { type: 'json-schema' },
    });
  });

  it('does not know a schema that the registry does not find, nor one with a reference that it does not find', async () => {
    expect(await read({})).toEqual({ kind: 'unknown', detail: '/schemas/ids/1 is not found' });
    const reference = { name: 'a', subject: 'a', version: 1 };
    expect(
      await read({ [`${BASE}/schemas/ids/1`]: [200, { schema: '{}', references: [reference] }] }),
    ).toMatchObject({
      kind: 'unknown',
      detail: '/subjects/a/versions/1?deleted=true is not found',
    });
  });

  it('does not know a schema of AWS Glue, and sends no request for it', async () => {
    const { registry, server } = await registryWith({});
    expect(await registry.readSchema({ kind: 'glue', versionId: 'v' }, 5_000)).toMatchObject({
      kind: 'unknown',
    });
    expect(server.requests).toEqual([]);
  });

  it.each<[string, readonly [number, unknown]]>([
    ['a 404 of a server that is not a registry', [404, { message: 'no such page' }]],
    ['a 404 without JSON', [404, null]],
    ['a 500', [500, { error_code: 50001 }]],
    ['a 429', [429, {}]],
    ['a 403', [403, { error_code: 40301 }]],
    ['a 422', [422, { error_code: 42201 }]],
    ['a page of another server', [200, { hello: 'world' }]],
    ['an unknown type of schema', [200, { schema: '', schemaType: 'THRIFT' }]],
  ])('is unavailable, so that no event is lost, when the response is %s', async (_what, result) => {
    expect(await read({ [`${BASE}/schemas/ids/1`]: result })).toMatchObject({ kind: 'unavailable' });
  });

  it('is unavailable when no response comes in time', async () => {
    expect(await read({ [`${BASE}/schemas/ids/1`]: [200, 'never'] }, 50)).toEqual({
      kind: 'unavailable',
      detail: 'the request timed out',
    });
  });

  it('is unavailable when the connection is refused', async () => {
    const { registry, server } = await registryWith({});
    await server.close();
    expect(await registry.readSchema(ID_1, 5_000)).toMatchObject({ kind: 'unavailable' });
  });

  it('is unavailable while the request for subjects fails', async () => {
    const responses: Responses = {
      [`${BASE}/schemas/ids/1`]: [200, { schema: '"long"' }],
      [`${BASE}/schemas/ids/1/versions`]: [503, {}],
    };
    expect(await read(responses)).toMatchObject({ kind: 'unavailable' });
  });

  it('sends user and password, and after a 401 those of the rotated secret', async () => {
    const text = (password: string) => JSON.stringify({ username: 'key', password });
    const secrets = new InMemorySecretSource({ registry: text('old') });
    secrets.rotate('registry', text('new'));
    const expected = `Basic ${Buffer.from('key:new').toString('base64')}`;
    const { registry, server } = await registryWith(
      { [`${BASE}/schemas/ids/1`]: [200, { schema: '"long"' }] },
      secrets,
      () => expected,
    );
    expect(await registry.readSchema(ID_1, 5_000)).toMatchObject({ kind: 'schema' });
    expect(server.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('key:old').toString('base64')}`,
    );
  });

  it.each([
    ['is missing', {}],
    ['is not JSON', { registry: 'user:pass' }],
    ['has another shape', { registry: '{"apiKey":"x"}' }],
  ])('is unavailable when its secret %s, and does not disclose the secret', async (_what, secrets) => {
    const { registry } = await registryWith({}, new InMemorySecretSource(secrets), () => 'Basic x');
    const result = await registry.readSchema(ID_1, 5_000);
    expect(result).toMatchObject({
      kind: 'unavailable',
      detail: expect.stringContaining('registry') as string,
    });
    expect(JSON.stringify(result)).not.toContain('pass"');
  });
});
