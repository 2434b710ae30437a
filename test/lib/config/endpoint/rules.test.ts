import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../../lib/config/load-config.ts';

const certificate = 'arn:aws:acm:eu-central-1:123456789012:certificate/0b6b5e1c';
const plain = `events.example.com: { certificate: "${certificate}" }`;
const mutual = `mtls.example.com: { certificate: "${certificate}", mutualTls: { truststore: s3://example-trust/a/clients.pem } }`;

function load(endpoint: string, verify = '{ scheme: github, secret: a }') {
  return loadConfigText(
    `
prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources: { hook: { type: http, path: /hook, verify: ${verify} } }
routes: { work: { from: [hook], run: { deployment: work/prod } } }
endpoint: ${endpoint}
`,
    'sluice.yaml',
  );
}

function codesOf(...args: Parameters<typeof load>): readonly string[] {
  const result = load(...args);
  return allProblems(result).map(({ code }) => code);
}

describe('endpoint', () => {
  it("the endpoint is API Gateway's own address by default", () => {
    const result = load('{}');
    expect(result.ok && result.config.endpoint).toEqual({ domains: [], disableExecuteApiEndpoint: false });
  });

  it('compiles domains and their mutual TLS', () => {
    const own = `own.example.com: { certificate: "${certificate}", mutualTls: { truststore: s3://example-trust/c.pem, truststoreVersion: v1, ownershipCertificate: "${certificate}-2" } }`;
    const result = load(`{ disableExecuteApiEndpoint: true, domains: { ${plain}, ${mutual}, ${own} } }`);
    expect(result.ok && result.config.endpoint).toEqual({
      domains: [
        { name: 'events.example.com', certificateArn: certificate, mutualTls: null },
        {
          name: 'mtls.example.com',
          certificateArn: certificate,
          mutualTls: {
            bucketName: 'example-trust',
            objectKey: 'a/clients.pem',
            objectVersion: null,
            ownershipCertificateArn: null,
          },
        },
        {
          name: 'own.example.com',
          certificateArn: certificate,
          mutualTls: {
            bucketName: 'example-trust',
            objectKey: 'c.pem',
            objectVersion: 'v1',
            ownershipCertificateArn: `${certificate}-2`,
          },
        },
      ],
      disableExecuteApiEndpoint: true,
    });
  });

  it.each([
    ['a domain that asks for none', `{ domains: { ${plain} } }`, ['mtls-needs-domain']],
    ['no domain', '{}', ['mtls-needs-domain']],
    ['one domain of two', `{ domains: { ${plain}, ${mutual} } }`, []],
    ['no other way in', `{ disableExecuteApiEndpoint: true, domains: { ${mutual} } }`, []],
  ])('checks that a source with scheme mtls has a domain: %s', (_what, endpoint, codes) => {
    expect(codesOf(endpoint, '{ scheme: mtls }')).toEqual(codes);
  });

  it.each([
    ["API Gateway's own address", `{ domains: { ${mutual} } }`, []],
    ['a domain of its own', `{ disableExecuteApiEndpoint: true, domains: { ${plain}, ${mutual} } }`, []],
    ['no way', `{ disableExecuteApiEndpoint: true, domains: { ${mutual} } }`, ['sender-needs-certificate']],
    ['nothing at all', '{ disableExecuteApiEndpoint: true }', ['endpoint-unreachable']],
  ])('checks that a sender without a certificate reaches the endpoint: %s', (_what, endpoint, codes) => {
    expect(codesOf(endpoint)).toEqual(codes);
  });

  it.each([
    ['https://events.example.com', 'invalid-domain-name'],
    ['Events.example.com', 'invalid-domain-name'],
    ['localhost', 'invalid-domain-name'],
    ['"*.example.com"', 'invalid-domain-name'],
  ])('refuses the domain %s', (name, code) => {
    expect(codesOf(`{ domains: { ${name}: { certificate: "${certificate}" } } }`)).toEqual([code]);
  });

  it.each([
    ['{}', 'missing-field'],
    ['{ truststore: clients.pem }', 'invalid-truststore'],
    ['{ truststore: https://example-trust.s3.amazonaws.com/clients.pem }', 'invalid-truststore'],
    ['{ truststore: s3://example-trust/c.pem, truststoreVersion: "" }', 'invalid-truststore'],
    ['{ truststore: s3://example-trust/c.pem, ownershipCertificate: a }', 'invalid-certificate-arn'],
    ['{ truststore: s3://example-trust/c.pem, version: a }', 'unknown-field'],
  ])('refuses mutualTls: %s', (mutualTls, code) => {
    const endpoint = `{ domains: { a.example.com: { certificate: "${certificate}", mutualTls: ${mutualTls} } } }`;
    expect(codesOf(endpoint)).toEqual([code]);
  });

  it('disableExecuteApiEndpoint is true or false', () => {
    expect(codesOf('{ disableExecuteApiEndpoint: 1 }')).toEqual(['wrong-type']);
  });
});
