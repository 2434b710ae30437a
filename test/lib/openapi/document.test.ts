import { describe, expect, it } from 'vitest';
import type { CompiledVerification } from '../../../lib/compiled-config/compiled-verification.ts';
import { DOCUMENTED_PROBLEMS, VERIFICATION_PROBLEMS } from '../../../lib/http-problem.ts';
import { openApiDocument } from '../../../lib/openapi/document.ts';
import { makeCompiledConfig, makeHttpSource, makeSqsSource } from '../../support/builders/compiled-config.ts';

const hmac: CompiledVerification = {
  scheme: 'hmac',
  secret: 'a',
  header: 'x-signature',
  prefix: '',
  algorithm: 'sha256',
  encoding: 'hex',
  keyText: 'utf8',
  signed: '{body}',
  timestamp: null,
  idHeader: null,
  publicUrl: null,
};
const github: CompiledVerification = {
  scheme: 'webhook',
  provider: 'github',
  secret: 'a',
  toleranceSeconds: 0,
  publicUrl: null,
};
const jwt: CompiledVerification = {
  scheme: 'jwt',
  issuer: 'https://issuer.example.com',
  audience: ['sluice'],
  jwksUrl: 'https://issuer.example.com/jwks',
  claims: {},
};

function documentOf(...sources: readonly Parameters<typeof makeHttpSource>[0][]) {
  return openApiDocument(makeCompiledConfig([...sources.map(makeHttpSource), makeSqsSource()]), null);
}

describe('openApiDocument', () => {
  it('has the domains of the endpoint as servers, unless another one is given', () => {
    const domain = { certificateArn: 'arn', mutualTls: null };
    const domains = ['a.example.com', 'b.example.com'].map((name) => ({ ...domain, name }));
    const config = makeCompiledConfig([makeHttpSource()], {
      endpoint: { domains, disableExecuteApiEndpoint: false },
    });
    const told = 'https://told.example.com';
    expect(openApiDocument(config, null)).toMatchObject({
      servers: [{ url: 'https://a.example.com' }, { url: 'https://b.example.com' }],
    });
    expect(openApiDocument(config, told)).toMatchObject({ servers: [{ url: told }] });
    expect(openApiDocument(makeCompiledConfig(), null)).not.toHaveProperty('servers');
  });

  it('has a path for each HTTP source, and none for others', () => {
    const document = documentOf({ name: 'a', path: '/a' }, { name: 'b', path: '/b/c' });
    expect(Object.keys(document['paths'] ?? {})).toEqual(['/a', '/b/c']);
    expect(document['servers']).toBeUndefined();
  });

  it('names every documented status and code, but those of other verification schemes', () => {
    const text = JSON.stringify(documentOf({ verify: { scheme: 'none' } }));
    const codes = DOCUMENTED_PROBLEMS.map(({ code }) => code);
    const absent = codes.filter((code) => !text.includes(`"${code}"`));
    expect(absent).toContain('invalid-credentials');
    expect(absent).toContain('invalid-signature');
    const handshakes = ['challenge-missing', 'challenge-malformed', 'verify-token-invalid'];
    expect(
      absent.filter((code) => !Object.hasOwn(VERIFICATION_PROBLEMS, code) && !handshakes.includes(code)),
    ).toEqual([]);
  });

  it('has an operation for a handshake by GET or HEAD, with its parameters, and none without', () => {
    const token = { parameter: 'hub.verify_token', secret: 's' };
    const challenge = { in: 'query', name: 'hub.challenge' } as const;
    const asked = documentOf(
      { path: '/get', handshake: { method: 'GET', challenge, answer: { kind: 'text' }, token } },
      {
        name: 'b',
        path: '/head',
        handshake: { method: 'HEAD', challenge: null, answer: { kind: 'empty' }, token: null },
      },
      { name: 'c', path: '/none' },
    );
    const required = { required: true, schema: { type: 'string' } };
    const parameters = [
      { in: 'query', name: 'hub.challenge', ...required },
      { in: 'query', name: 'hub.verify_token', ...required },
    ];
    expect(asked['paths']).toMatchObject({
      '/get': { get: { parameters, security: [] } },
      '/head': { head: { parameters: [], responses: { 200: {} } } },
    });
    expect(asked).not.toHaveProperty(['paths', '/none', 'get']);
    expect(JSON.stringify(asked)).toContain('verify-token-invalid');
  });

  it.each<[string, CompiledVerification, object | undefined, string | undefined]>([
    ['none', { scheme: 'none' }, undefined, undefined],
    ['iam', { scheme: 'iam' }, { type: 'apiKey', name: 'Authorization' }, 'iam-authorization-missing'],
    [
      'a bearer token',
      { scheme: 'bearer', secret: 'a' },
      { type: 'http', scheme: 'bearer' },
      'invalid-credentials',
    ],
    ['basic', { scheme: 'basic', secret: 'a' }, { type: 'http', scheme: 'basic' }, 'invalid-credentials'],
    ['GitLab', { scheme: 'gitlab-token', secret: 'a' }, { name: 'X-Gitlab-Token' }, 'invalid-credentials'],
    [
      'an API key',
      { scheme: 'api-key', secret: 'a', header: 'x-key' },
      { name: 'x-key' },
      'invalid-credentials',
    ],
    ['a JWT', jwt, { type: 'http', bearerFormat: 'JWT' }, 'invalid-credentials'],
    ['mTLS', { scheme: 'mtls', subjects: null }, { type: 'mutualTLS' }, 'client-certificate-missing'],
    ['GitHub', github, { type: 'apiKey', name: 'x-hub-signature-256' }, 'invalid-signature'],
    ['HMAC', hmac, { type: 'apiKey', name: 'x-signature' }, 'invalid-signature'],
    ['SNS', { scheme: 'sns', topics: [] }, undefined, 'topic-not-allowed'],
  ])('says of %s what has to be sent, and how it can fail', (_name, verify, scheme, code) => {
    const document = documentOf({ name: 'hook', verify });
    const post = { security: scheme === undefined ? [] : [{ hook: [] }] };
    expect(document).toMatchObject({ paths: { '/orders': { post } } });
    const schemes = scheme === undefined ? {} : { hook: scheme };
    expect(document).toMatchObject({ components: { securitySchemes: schemes } });
    if (code !== undefined) expect(JSON.stringify(document)).toContain(`"${code}"`);
  });

  it('names the media types that the format of a source reads', () => {
    const typesOf = (format: 'auto' | 'cloudevents' | 'binary'): unknown =>
      JSON.stringify(documentOf({ format })).match(/"application\/[a-z+.-]+(?=":\{)|"text\/plain(?=":\{)/g);
    expect(typesOf('auto')).toContain('"application/x-www-form-urlencoded');
    expect(typesOf('cloudevents')).not.toContain('"text/plain');
    expect(typesOf('binary')).toContain('"application/octet-stream');
  });

  it('has flow runs in the answers of a source that responds with them, and of no other', () => {
    const respond = { mode: 'run', maxWaitSeconds: 10 } as const;
    const slack = { ...github, sender: 'slack' } as const;
    const document = documentOf(
      { name: 'plain', path: '/plain' },
      { name: 'runs', path: '/runs', respond },
      { name: 'slack', path: '/slack', respond, verify: slack },
    );
    const answerWith = (schema: string) => ({
      content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
    });
    const runs = { 201: answerWith('Created'), 202: answerWith('Followed') };
    expect(document).toMatchObject({
      paths: {
        '/plain': { post: { responses: { 202: answerWith('Accepted') } } },
        '/runs': { post: { responses: { 200: answerWith('Unwanted'), ...runs } } },
        '/slack': {
          post: {
            responses: {
              200: { description: expect.stringMatching(/No route.*handshake/) as unknown },
              ...runs,
            },
          },
        },
      },
      components: { schemas: { Unwanted: {}, Created: {}, Followed: {} } },
    });
    expect(document).not.toHaveProperty(['paths', '/plain', 'post', 'responses', '201']);
    expect(JSON.stringify(documentOf({}))).not.toContain('"Followed"');
  });

  it('has OPTIONS where origins are allowed', () => {
    expect(documentOf({ webhookOrigins: ['example.com'] })).toMatchObject({
      paths: { '/orders': { options: { operationId: 'options-orders-hook' } } },
    });
    expect(JSON.stringify(documentOf({ webhookOrigins: [] }))).not.toContain('options-');
  });
});
