import { describe, expect, it } from 'vitest';
import type { CompiledVerification } from '../../../../lib/compiled-config/compiled-verification.ts';
import { allProblems } from '../../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../../lib/config/load-config.ts';
import type { ProblemCode } from '../../../../lib/config/issues/problem-codes.ts';

const load = (verify: string, fields = '') =>
  loadConfigText(
    `
prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { hook: { type: http, path: /hook, verify: ${verify}${fields} } }
routes: { work: { from: [hook], run: { deployment: work/prod } } }
endpoint:
  domains:
    events.example.com:
      certificate: arn:aws:acm:eu-west-1:123456789012:certificate/one
      mutualTls: { truststore: s3://example-trust/clients.pem }
`,
    'sluice.yaml',
  );

function compiled(verify: string): CompiledVerification | null {
  const result = load(verify);
  const source = result.ok ? result.config.sources['hook'] : undefined;
  return source?.type === 'http' ? source.verify : null;
}

const sender = { scheme: 'webhook', secret: 's', toleranceSeconds: 0, publicUrl: null };
const hmac = {
  scheme: 'hmac',
  secret: 's',
  header: 'x-sig',
  prefix: '',
  algorithm: 'sha256',
  encoding: 'hex',
  keyText: 'utf8',
  signed: '{body}',
  timestamp: null,
  idHeader: null,
  publicUrl: null,
};

describe('verify', () => {
  it.each<[string, unknown]>([
    ['none', { scheme: 'none' }],
    ['iam', { scheme: 'iam' }],
    ['{ scheme: bearer, secret: s }', { scheme: 'bearer', secret: 's' }],
    ['{ scheme: basic, secret: s }', { scheme: 'basic', secret: 's' }],
    ['{ scheme: api-key, secret: s }', { scheme: 'api-key', secret: 's', header: 'x-api-key' }],
    ['{ scheme: api-key, secret: s, header: Key }', { scheme: 'api-key', secret: 's', header: 'key' }],
    ['{ scheme: gitlab-token, secret: s }', { scheme: 'gitlab-token', secret: 's' }],
    ['{ scheme: mtls }', { scheme: 'mtls', subjects: null }],
    ['{ scheme: mtls, subjects: [CN=a] }', { scheme: 'mtls', subjects: ['CN=a'] }],
    [
      '{ scheme: sns, topics: ["arn:aws:sns:eu-west-1:123456789012:orders.fifo"] }',
      { scheme: 'sns', topics: ['arn:aws:sns:eu-west-1:123456789012:orders.fifo'] },
    ],
    [
      '{ scheme: jwt, issuer: https://a.example, audience: me, jwksUrl: https://a.example/keys, claims: { email: e } }',
      {
        scheme: 'jwt',
        issuer: 'https://a.example',
        audience: ['me'],
        jwksUrl: 'https://a.example/keys',
        claims: { email: 'e' },
      },
    ],
    ['{ scheme: github, secret: s }', { ...sender, provider: 'github' }],
    ['{ scheme: stripe, secret: s }', { ...sender, provider: 'stripe', toleranceSeconds: 300 }],
    ['{ scheme: slack, secret: s, tolerance: 90s }', { ...sender, provider: 'slack', toleranceSeconds: 90 }],
    ['{ scheme: linear, secret: s }', { ...sender, provider: 'linear', toleranceSeconds: 60 }],
    ['{ scheme: twilio, secret: s }', { ...sender, provider: 'twilio' }],
    [
      '{ scheme: square, secret: s, url: https://a.example/hook }',
      { ...sender, provider: 'square', publicUrl: 'https://a.example/hook' },
    ],
    ['{ scheme: hubspot, secret: s }', { ...sender, provider: 'hubspot', toleranceSeconds: 300 }],
    ['{ scheme: hmac, secret: s, header: X-Sig }', hmac],
    [
      '{ scheme: hmac, secret: s, header: X-Sig, prefix: "v1=", algorithm: sha512, encoding: base64url, key: hex, signed: "{id}.{timestamp}.{body}", timestampHeader: X-Time, timestampUnit: ms, tolerance: 1m, idHeader: X-Id, url: https://a.example/hook }',
      {
        ...hmac,
        prefix: 'v1=',
        algorithm: 'sha512',
        encoding: 'base64url',
        keyText: 'hex',
        signed: '{id}.{timestamp}.{body}',
        timestamp: { header: 'x-time', unit: 'ms', toleranceSeconds: 60 },
        idHeader: 'x-id',
        publicUrl: 'https://a.example/hook',
      },
    ],
  ])('verify: %s is compiled', (verify, expected) => {
    expect(compiled(verify)).toEqual(expected);
  });

  it.each<[string, ProblemCode]>([
    ['github', 'unknown-value'],
    ['{ scheme: gitlab, secret: s }', 'unknown-value'],
    ['{ scheme: github }', 'missing-field'],
    ['{ secret: s }', 'missing-field'],
    ['{ scheme: github, secret: s, tolerance: 5m }', 'unknown-field'],
    ['{ scheme: stripe, secret: s, tolerance: 300 }', 'missing-unit'],
    ['{ scheme: stripe, secret: s, tolerance: 0s }', 'out-of-range'],
    ['{ scheme: stripe, secret: s, tolerance: 2h }', 'out-of-range'],
    ['{ scheme: twilio, secret: s, url: "https://a.example/hook?a=1" }', 'invalid-public-url'],
    ['{ scheme: api-key, secret: s, header: "X Key" }', 'invalid-header'],
    ['{ scheme: hmac, secret: s }', 'missing-field'],
    ['{ scheme: hmac, secret: s, header: X-Sig, signed: "{timestamp}" }', 'invalid-signed-content'],
    ['{ scheme: hmac, secret: s, header: X-Sig, signed: "{body}{body}" }', 'invalid-signed-content'],
    ['{ scheme: hmac, secret: s, header: X-Sig, signed: "{timestamp}.{body}" }', 'invalid-signed-content'],
    ['{ scheme: hmac, secret: s, header: X-Sig, signed: "{id}.{body}" }', 'invalid-signed-content'],
    ['{ scheme: hmac, secret: s, header: X-Sig, prefix: "a b" }', 'out-of-range'],
    ['{ scheme: hmac, secret: s, header: X-Sig, algorithm: sha1 }', 'unknown-value'],
    ['{ scheme: sns, topics: [] }', 'empty'],
    ['{ scheme: sns }', 'missing-field'],
    ['{ scheme: mtls, subjects: [] }', 'empty'],
    ['{ scheme: jwt, issuer: https://a.example, jwksUrl: https://a.example/keys }', 'missing-field'],
    [
      '{ scheme: jwt, issuer: https://a.example, audience: a, jwksUrl: http://a.example/keys }',
      'invalid-jwt-url',
    ],
  ])('verify: %s is refused with %s', (verify, code) => {
    const result = load(verify);
    expect(result.ok ? [] : allProblems(result).map((problem) => problem.code)).toEqual([code]);
  });

  it('webhookOrigins lists the origins that get permission', () => {
    const result = load('iam', ', webhookOrigins: [eventgrid.azure.net, "*"]');
    expect(result.ok && result.config.sources['hook']).toMatchObject({
      webhookOrigins: ['eventgrid.azure.net', '*'],
    });
  });
});
