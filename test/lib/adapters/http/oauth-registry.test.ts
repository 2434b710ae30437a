import { afterEach, describe, expect, it } from 'vitest';
import { ConfluentSchemaRegistry } from '../../../../lib/adapters/http/confluent-schema-registry.ts';
import type { CompiledRegistryOauth } from '../../../../lib/compiled-config/compiled.ts';
import { InMemorySecretSource } from '../../../support/fakes/in-memory-secret-source.ts';
import {
  startScriptedHttpServer,
  type ScriptedHttpServer,
} from '../../../support/fakes/scripted-http-server.ts';

const ID_1 = { kind: 'confluent-id', id: 1 } as const;
const OAUTH = { scope: null, audience: null, logicalCluster: null, identityPool: null };

const open: { server?: ScriptedHttpServer; registry?: ConfluentSchemaRegistry } = {};

afterEach(async () => {
  open.registry?.close();
  await open.server?.close();
});

interface Provider {
  /** The answer to each request for a token; the last one goes on. */
  readonly answers: readonly (readonly [status: number, json: unknown])[];
  /** The tokens that the registry accepts. */
  readonly accepted: readonly string[];
}

/** An identity provider at `/token`, and a registry on the same server that accepts its tokens. */
async function registryOf({ answers, accepted }: Provider, oauth: CompiledRegistryOauth = OAUTH) {
  let asked = 0;
  const server = await startScriptedHttpServer((seen, response) => {
    const send = (status: number, json: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    };
    if (seen.path === '/token') {
      const [status, json] = answers[Math.min(asked++, answers.length - 1)] ?? [500, {}];
      send(status, json);
    } else if (accepted.some((token) => seen.headers.authorization === `Bearer ${token}`)) {
      send(200, seen.path.endsWith('/versions') ? [] : { schema: '"string"' });
    } else send(401, { error_code: 40101 });
  });
  const credentials = {
    oauthTokenEndpointUrl: `${server.url}/token`,
    oauthClientId: 'sluice:1',
    oauthClientSecret: 'pass word',
  };
  const secrets = new InMemorySecretSource({ registry: JSON.stringify(credentials) });
  const clock = { epochMs: 0, nowEpochMs: () => clock.epochMs };
  const registry = new ConfluentSchemaRegistry({
    url: server.url,
    authSecret: 'registry',
    oauth,
    secrets,
    clock,
    version: 'test',
  });
  Object.assign(open, { server, registry });
  const tokenRequests = () => server.requests.filter(({ path }) => path === '/token');
  return { server, registry, secrets, clock, tokenRequests, credentials };
}

const token = (value: string, seconds: unknown = 3600): readonly [number, unknown] => [
  200,
  { access_token: value, token_type: 'Bearer', expires_in: seconds },
];

describe('a registry behind an identity provider', () => {
  it('is read with a token of the client credentials grant, which all requests share', async () => {
    const oauth = { ...OAUTH, scope: 'schemas.read b', audience: 'registry' };
    const { registry, tokenRequests } = await registryOf(
      { answers: [token('one')], accepted: ['one'] },
      oauth,
    );
    const results = await Promise.all([1, 2, 3].map((id) => registry.readSchema({ ...ID_1, id }, 5_000)));
    expect(results.map(({ kind }) => kind)).toEqual(['schema', 'schema', 'schema']);
    expect(tokenRequests()).toHaveLength(1);
    expect(tokenRequests()[0]).toMatchObject({
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        // RFC 6749, section 2.3.1: id and secret are form-encoded before they are joined.
        'authorization': `Basic ${Buffer.from('sluice%3A1:pass+word').toString('base64')}`,
      },
      body: 'grant_type=client_credentials&scope=schemas.read+b&audience=registry',
    });
  });

  it('names registry and identity pool to Confluent Cloud, and not to the identity provider', async () => {
    const oauth = { ...OAUTH, logicalCluster: 'lsrc-a1', identityPool: 'pool-a1' };
    const { server, registry } = await registryOf({ answers: [token('one')], accepted: ['one'] }, oauth);
    await registry.readSchema(ID_1, 5_000);
    const [asked, read] = server.requests;
    expect(asked?.headers).not.toHaveProperty('target-sr-cluster');
    expect(read?.headers).toMatchObject({
      'target-sr-cluster': 'lsrc-a1',
      'confluent-identity-pool-id': 'pool-a1',
    });
  });

  it('is read with a new token shortly before the old one expires', async () => {
    const { registry, clock, tokenRequests } = await registryOf({
      answers: [token('one', 60), token('two', 60)],
      accepted: ['one', 'two'],
    });
    await registry.readSchema(ID_1, 5_000);
    clock.epochMs = 29_000;
    await registry.readSchema({ ...ID_1, id: 2 }, 5_000);
    expect(tokenRequests()).toHaveLength(1);
    clock.epochMs = 30_000;
    await registry.readSchema({ ...ID_1, id: 3 }, 5_000);
    expect(tokenRequests()).toHaveLength(2);
  });

  it('is read with a new token after a 401, and with the new secret after a rotation', async () => {
    const { registry, secrets, credentials, tokenRequests } = await registryOf({
      answers: [token('revoked'), token('one')],
      accepted: ['one'],
    });
    secrets.rotate('registry', JSON.stringify({ ...credentials, oauthClientSecret: 'new' }));
    expect(await registry.readSchema(ID_1, 5_000)).toMatchObject({ kind: 'schema' });
    expect(tokenRequests().map(({ headers }) => headers.authorization)).toEqual(
      ['sluice%3A1:pass+word', 'sluice%3A1:new'].map(
        (pair) => `Basic ${Buffer.from(pair).toString('base64')}`,
      ),
    );
  });

  it.each<[string, readonly [number, unknown], string]>([
    ['refuses the client', [401, { error: 'invalid_client' }], 'status 401'],
    ['fails', [503, {}], 'status 503'],
    ['sends no token', [200, { token: 'a' }], 'no access_token'],
    ['sends a token that no header can hold', [200, { access_token: 'a\r\nb' }], 'no access_token'],
    ['sends a list', [200, ['a']], 'no access_token'],
  ])(
    'holds records back when its provider %s, and says no word of the secret',
    async (_what, answer, detail) => {
      const { registry } = await registryOf({ answers: [answer], accepted: ['one'] });
      const result = await registry.readSchema(ID_1, 5_000);
      expect(result).toMatchObject({
        kind: 'unavailable',
        detail: expect.stringContaining(detail) as string,
      });
      expect(JSON.stringify(result)).not.toContain('pass');
    },
  );

  it.each([
    { oauthTokenEndpointUrl: 'http://idp.example.com/token', oauthClientId: 'a', oauthClientSecret: 'b' },
    { oauthTokenEndpointUrl: 'file:///token', oauthClientId: 'a', oauthClientSecret: 'b' },
    { oauthTokenEndpointUrl: 'https://a:b@idp.example.com', oauthClientId: 'a', oauthClientSecret: 'b' },
    { oauthTokenEndpointUrl: 1, oauthClientId: 'a', oauthClientSecret: 'b' },
    { oauthTokenEndpointUrl: 'https://idp.example.com', oauthClientId: 'a', oauthPrivateKey: 'b' },
    { oauthTokenEndpointUrl: 'https://idp.example.com', oauthClientId: '', oauthClientSecret: 'b' },
  ])('sends nothing with the unusable secret %o', async (secret) => {
    const { registry, secrets, server } = await registryOf({ answers: [token('one')], accepted: ['one'] });
    secrets.rotate('registry', JSON.stringify(secret));
    await secrets.readSecret('registry', true);
    expect(await registry.readSchema(ID_1, 5_000)).toMatchObject({
      kind: 'unavailable',
      detail: expect.stringContaining('does not hold credentials') as string,
    });
    expect(server.requests).toEqual([]);
  });
});
