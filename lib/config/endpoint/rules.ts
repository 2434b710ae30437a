/**
 * Whether senders can reach the endpoint. API Gateway requests client certificates on custom domains only, and there
 * from every client: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
 */
import type { ConfigIssue } from '../issues/config-issue.ts';
import type { Named, Valid } from '../valid-parts.ts';
import type { EndpointConfiguration } from './model.ts';

/** Sources of other types have no `verify`. */
interface VerifyingSource {
  readonly type: string;
  readonly verify?: string | { readonly scheme: string } | null;
}

export function endpointRules(
  { domains, disableExecuteApiEndpoint }: Valid<EndpointConfiguration>,
  sources: readonly Named<VerifyingSource>[],
): readonly ConfigIssue[] {
  if (domains === null || disableExecuteApiEndpoint === null) return [];
  const isMutual = Object.values(domains).map((domain) => domain === null || domain.mutualTls !== undefined);
  const issues: ConfigIssue[] = [];
  if (disableExecuteApiEndpoint && isMutual.length === 0) {
    issues.push({
      code: 'endpoint-unreachable',
      at: ['endpoint', 'disableExecuteApiEndpoint'],
      anchor: 'value',
      found: 'true and no domains',
      fix: 'remove it, or add domains: { events.example.com: { certificate: arn:… } }',
    });
  }
  if (isMutual.length > 0 && sources.every(({ part }) => part !== null && part.type !== 'http')) {
    issues.push({
      code: 'endpoint-without-source',
      at: ['endpoint', 'domains'],
      anchor: 'key',
      found: 'domains and no source of type http',
      fix: 'remove them: without such a source there is no endpoint',
    });
  }
  const requiresCertificate = disableExecuteApiEndpoint && isMutual.length > 0 && !isMutual.includes(false);
  return [
    ...issues,
    ...sources.flatMap((source) => accessRule(source, isMutual.includes(true), requiresCertificate)),
  ];
}

function accessRule(
  { name, part: source }: Named<VerifyingSource>,
  hasMutualTls: boolean,
  requiresCertificate: boolean,
): readonly ConfigIssue[] {
  const verify = source?.verify ?? null;
  if (verify === null) return [];
  const scheme = typeof verify === 'string' ? verify : verify.scheme;
  const at = ['sources', name, 'verify'];
  if (scheme === 'mtls') {
    if (hasMutualTls) return [];
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
  if (!requiresCertificate) return [];
  return [
    {
      code: 'sender-needs-certificate',
      at,
      anchor: 'key',
      found: `scheme ${scheme}, and every way to the endpoint requires a client certificate`,
      fix: 'add a domain without mutualTls, or remove disableExecuteApiEndpoint, unless this sender has a certificate',
    },
  ];
}
