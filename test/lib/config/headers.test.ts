import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';
import { WEBHOOK_PROVIDERS } from '../../../lib/verification/webhook-providers.ts';

const load = (headers: string, when = 'true', verify = 'iam', from = 'hook') =>
  loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources:
  hook: { type: http, path: /hook, verify: ${verify}, headers: [${headers}] }
  other: { type: http, path: /other, verify: iam, headers: [x-other] }
  jobs: { type: sqs, queueArn: "arn:aws:sqs:eu-central-1:123456789012:jobs" }
routes:
  work: { from: [${from}], when: '${when}', run: { deployment: work/prod } }
  rest: { from: [hook, other, jobs], run: { deployment: work/prod } }
`,
    'sluice.yaml',
  );

const problems = (...args: Parameters<typeof load>) =>
  allProblems(load(...args)).map(({ code, fix }) => `${code}: ${fix}`);

describe('headers of an HTTP source', () => {
  it('are compiled in lower case, each once', () => {
    const result = load('X-Tenant, x-tenant, I-Twilio-Idempotency-Token');
    expect(result.ok && result.config.sources['hook']).toMatchObject({
      headers: ['x-tenant', 'i-twilio-idempotency-token'],
    });
  });

  it.each([
    ...['Authorization', 'Proxy-Authorization', 'Cookie', 'Set-Cookie', 'X-Api-Key', 'X-Gitlab-Token'],
    ...['X-Auth-Token', 'X-Amz-Security-Token', 'X-Session-Id', 'X-Client-Secret', 'Password'],
    ...['X-Forwarded-For', 'X-Forwarded-Host', 'Forwarded', 'Via', 'X-Real-IP', 'CF-Connecting-IP'],
    ...['X-Amzn-Trace-Id', 'True-Client-IP', 'X-Original-URL', 'Signature', 'X-My-HMAC'],
    ...['ce-id', 'CE-Type'],
  ])('are never %s', (name) => {
    expect(problems(name)).toMatchObject([expect.stringMatching(/^invalid-header: leave it out/)]);
  });

  it.each([...new Set(Object.values(WEBHOOK_PROVIDERS).flatMap(({ signature }) => signature.names))])(
    'are never the signature of a provider: %s',
    (name) => {
      expect(problems(name)).toHaveLength(1);
    },
  );

  it.each(['a b', '""', 'a:b', 'a'.repeat(101), 'ä'])('have names that HTTP allows, and not %s', (name) => {
    expect(problems(`"${name.replaceAll('"', '')}"`)).toEqual([
      'invalid-header: write the name of a header, for example X-Tenant',
    ]);
  });

  it('are never the one by which its requests are verified, whatever it is called', () => {
    const verify = '{ scheme: hmac, secret: s, header: X-Proof }';
    expect(problems('X-Tenant, X-Proof', 'true', verify)).toEqual([
      'invalid-header: leave it out: credentials and signatures stay in the endpoint',
    ]);
  });
});

describe('an expression that reads a header', () => {
  it.each([
    ['in brackets', 'event.headers["x-tenant"] == "a"'],
    ['after a dot', 'event.headers.tenant == "a"'],
    ['that may be missing', 'event.headers[?"x-tenant"].orValue("") == "a"'],
    ['that it asks for', 'has(event.headers.tenant)'],
    ['by in', '"x-tenant" in event.headers'],
    ['of several values', 'event.header_values["x-tenant"].exists(t, t == "a")'],
    ['as bytes', 'event.headers_base64["x-tenant"] == "a"'],
  ])('%s is refused where no source of its route passes it on', (_what, when) => {
    expect(problems('', when)).toEqual([
      expect.stringMatching(/^header-not-listed: add it to the source: headers: \[(x-)?tenant\]$/),
    ]);
    expect(problems('X-Tenant, Tenant', when)).toEqual([]);
  });

  it('in upper case is refused, since names are in lower case', () => {
    expect(problems('X-Tenant', 'event.headers["X-Tenant"] == "a"')).toEqual([
      'header-not-listed: write "x-tenant": names are in lower case',
    ]);
  });

  it('is valid where one of several sources has it, or may have it', () => {
    expect(problems('', '"x-other" in event.headers', 'iam', 'hook, other')).toEqual([]);
    expect(problems('', '"x-tenant" in event.headers', 'iam', 'hook, jobs')).toEqual([]);
  });
});
