import { afterEach, describe, expect, it } from 'vitest';
import { ConfluentSchemaRegistry } from '../../../../lib/adapters/http/confluent-schema-registry.ts';
import type { SchemaLookupResult } from '../../../../lib/schema-registry/registry.ts';
import { InMemorySecretSource } from '../../../support/fakes/in-memory-secret-source.ts';
import {
  startScriptedHttpServer,
  type ScriptedHttpServer,
} from '../../../support/fakes/scripted-http-server.ts';

type Answers = Readonly<Record<string, readonly [status: number, json: unknown]>>;

const NOT_FOUND = [404, { error_code: 40403, message: 'Schema not found' }] as const;
const ID_1 = { kind: 'confluent-id', id: 1 } as const;

const open: { server?: ScriptedHttpServer; registry?: ConfluentSchemaRegistry } = {};

afterEach(async () => {
  open.registry?.close();
  await open.server?.close();
});

/** A registry that has these answers by path, and whatever a request without `authorization` gets. */
async function registryWith(
  answers: Answers,
  secrets: InMemorySecretSource = new InMemorySecretSource({}),
  authorization?: () => string,
) {
  const server = await startScriptedHttpServer((seen, response) => {
    const isWelcome = authorization === undefined || seen.headers.authorization === authorization();
    const [status, json] = isWelcome ? (answers[seen.path] ?? NOT_FOUND) : [401, { error_code: 40101 }];
    if (json === 'never') return;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  });
  const registry = new ConfluentSchemaRegistry({
    url: `${server.url}/apis/ccompat/v7/`,
    authSecret: authorization === undefined ? null : 'registry',
    secrets,
    version: 'test',
  });
  Object.assign(open, { server, registry });
  return { server, registry };
}

const BASE = '/apis/ccompat/v7';

async function read(answers: Answers, timeoutMs = 5_000): Promise<SchemaLookupResult> {
  const { registry } = await registryWith(answers);
  return registry.readSchema(ID_1, timeoutMs);
}

describe("a registry with Confluent's API", () => {
  it('gives a schema with its references, each before those that refer to it, and its subjects', async () => {
    const reference = (name: string, subject: string) => ({ name, subject, version: 3 });
    const answer = await read({
      [`${BASE}/schemas/ids/1`]: [
        200,
        {
          schemaType: 'PROTOBUF',
          schema: 'main',
          references: [reference('b.proto', 'b'), reference('a.proto', 'a/1')],
        },
      ],
      [`${BASE}/subjects/b/versions/3`]: [
        200,
        { schemaType: 'PROTOBUF', schema: 'b', references: [reference('a.proto', 'a/1')] },
      ],
      [`${BASE}/subjects/a%2F1/versions/3`]: [
        200,
        { schemaType: 'PROTOBUF', schema: 'a', references: [reference('b.proto', 'b')] },
      ],
      [`${BASE}/schemas/ids/1/subjects`]: [200, ['orders-value', 'other']],
    });
    expect(answer).toEqual({
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

  it('means Avro when it does not say the type, and may not tell subjects', async () => {
    expect(await read({ [`${BASE}/schemas/ids/1`]: [200, { schema: '"long"' }] })).toEqual({
      kind: 'schema',
      schema: { type: 'avro', text: '"long"', references: [], subjects: [] },
    });
  });

  it('is asked for a GUID by that', async () => {
    const guid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
    const { registry } = await registryWith({
      [`${BASE}/schemas/guids/${guid}`]: [200, { schemaType: 'JSON', schema: '{}' }],
    });
    expect(await registry.readSchema({ kind: 'confluent-guid', guid }, 5_000)).toMatchObject({
      kind: 'schema',
      schema: { type: 'json-schema' },
    });
  });

  it('does not have what it says is not found, a reference or the schema itself', async () => {
    expect(await read({})).toEqual({ kind: 'unknown', detail: '/schemas/ids/1 is not found' });
    const reference = { name: 'a', subject: 'a', version: 1 };
    expect(
      await read({ [`${BASE}/schemas/ids/1`]: [200, { schema: '{}', references: [reference] }] }),
    ).toMatchObject({
      kind: 'unknown',
      detail: '/subjects/a/versions/1 is not found',
    });
  });

  it('does not have what is framed for AWS Glue, and is not asked for it', async () => {
    const { registry, server } = await registryWith({});
    expect(await registry.readSchema({ kind: 'glue', versionId: 'v' }, 5_000)).toMatchObject({
      kind: 'unknown',
    });
    expect(server.requests).toEqual([]);
  });

  it.each<[string, readonly [number, unknown]]>([
    ['a 404 of something that knows nothing of schemas', [404, { message: 'no such page' }]],
    ['a 404 without JSON', [404, null]],
    ['a 500', [500, { error_code: 50001 }]],
    ['a 429', [429, {}]],
    ['a 403', [403, { error_code: 40301 }]],
    ['a 422', [422, { error_code: 42201 }]],
    ['a page that is no answer of a registry', [200, { hello: 'world' }]],
    ['a type that nobody knows', [200, { schema: '', schemaType: 'THRIFT' }]],
  ])('is unavailable, and nothing is lost, when it answers with %s', async (_what, answer) => {
    expect(await read({ [`${BASE}/schemas/ids/1`]: answer })).toMatchObject({ kind: 'unavailable' });
  });

  it('is unavailable when it does not answer in time', async () => {
    expect(await read({ [`${BASE}/schemas/ids/1`]: [200, 'never'] }, 50)).toEqual({
      kind: 'unavailable',
      detail: 'the request timed out',
    });
  });

  it('is unavailable when nobody is there', async () => {
    const { registry, server } = await registryWith({});
    await server.close();
    expect(await registry.readSchema(ID_1, 5_000)).toMatchObject({ kind: 'unavailable' });
  });

  it('is unavailable while subjects cannot be asked for, which it is known to have', async () => {
    const answers: Answers = {
      [`${BASE}/schemas/ids/1`]: [200, { schema: '"long"' }],
      [`${BASE}/schemas/ids/1/subjects`]: [503, {}],
    };
    expect(await read(answers)).toMatchObject({ kind: 'unavailable' });
  });

  it('is given user and password, and new ones once when it refuses the old', async () => {
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
    ['is no JSON', { registry: 'user:pass' }],
    ['has another shape', { registry: '{"apiKey":"x"}' }],
  ])('is unavailable when its secret %s, and the secret is not told', async (_what, secrets) => {
    const { registry } = await registryWith({}, new InMemorySecretSource(secrets), () => 'Basic x');
    const answer = await registry.readSchema(ID_1, 5_000);
    expect(answer).toMatchObject({
      kind: 'unavailable',
      detail: expect.stringContaining('registry') as string,
    });
    expect(JSON.stringify(answer)).not.toContain('pass"');
  });
});
