/**
 * Whether those who are to send can get in. API Gateway asks for client certificates on custom domains only, and there
 * it asks everybody: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
 */
import type { ConfigIssue } from './problem.ts';
import type { SoundEndpoint, SoundSource } from './sound-parts.ts';

export function endpointRules(
  endpoint: SoundEndpoint | null,
  sources: readonly SoundSource[],
): readonly ConfigIssue[] {
  if (endpoint === null) return [];
  const domains = Object.entries(endpoint.domains);
  const findings: ConfigIssue[] = [];
  if (endpoint.disableExecuteApiEndpoint && domains.length === 0) {
    findings.push({
      code: 'endpoint-unreachable',
      at: ['endpoint', 'disableExecuteApiEndpoint'],
      anchor: 'value',
      found: 'true and no domains',
      fix: 'remove it, or add domains: { events.example.com: { certificate: arn:… } }',
    });
  }
  if (domains.length > 0 && sources.every(({ type }) => type !== 'http')) {
    findings.push({
      code: 'endpoint-without-source',
      at: ['endpoint', 'domains'],
      anchor: 'key',
      found: 'domains and no source of type http',
      fix: 'remove them: without such a source there is no endpoint',
    });
  }
  return [...findings, ...sources.flatMap((source) => wayIn(source, endpoint))];
}

function wayIn({ name, verifyScheme }: SoundSource, endpoint: SoundEndpoint): readonly ConfigIssue[] {
  if (verifyScheme === null) return [];
  const domains = Object.values(endpoint.domains);
  const at = ['sources', name, 'verify'];
  if (verifyScheme === 'mtls') {
    if (domains.some(({ mutualTls }) => mutualTls !== undefined)) return [];
    return [
      {
        code: 'mtls-needs-domain',
        at,
        anchor: 'key',
        found: 'scheme mtls and no domain with mutualTls',
        fix: 'add endpoint: { domains: { events.example.com: { certificate: arn:…, mutualTls: { truststore: s3://… } } } }',
      },
    ];
  }
  const asksEverybody =
    endpoint.disableExecuteApiEndpoint && domains.every(({ mutualTls }) => mutualTls !== undefined);
  if (!asksEverybody || domains.length === 0) return [];
  return [
    {
      code: 'sender-needs-certificate',
      at,
      anchor: 'key',
      found: `scheme ${verifyScheme}, and a client certificate is asked for on every way in`,
      fix: 'add a domain without mutualTls, or remove disableExecuteApiEndpoint, unless this sender has one',
    },
  ];
}
