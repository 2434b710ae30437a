/** Cross-field rules for `prefect`. */
import { isLoopback } from '../emulator-rules.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';
import type { Named, Valid } from '../valid-parts.ts';
import { budgetRules, isPrefectCloud } from './budget.ts';
import type { PrefectConfiguration } from './model.ts';

type ValidPrefect = Valid<PrefectConfiguration>;

export function prefectRules({ apiUrl, auth, budget }: ValidPrefect): readonly ConfigIssue[] {
  if (apiUrl === null) return [];
  const url = new URL(apiUrl);
  const isCloud = isPrefectCloud(apiUrl);
  const issues: ConfigIssue[] = budget === null ? [] : [...budgetRules(apiUrl, budget)];
  if (isCloud && auth === 'none') {
    issues.push({
      code: 'cloud-needs-auth',
      at: ['prefect', 'auth'],
      anchor: 'value',
      found: 'no credentials for Prefect Cloud',
      fix: 'store {"apiKey": "…"} in Secrets Manager and write auth: { secret: <its name> }',
    });
  }
  if (!isCloud && !url.pathname.endsWith('/api')) {
    issues.push({
      code: 'unusual-api-url',
      at: ['prefect', 'apiUrl'],
      anchor: 'value',
      found: 'a URL that does not end in /api',
      fix: `write ${url.origin}/api unless the server has a base path of its own`,
    });
  }
  if (url.protocol === 'http:' && auth !== null && auth !== 'none' && !isLoopback(url.hostname)) {
    issues.push({
      code: 'plaintext-credentials',
      at: ['prefect', 'apiUrl'],
      anchor: 'value',
      found: 'http:// beside auth.secret',
      fix: 'use https://, or a private network path',
    });
  }
  return issues;
}

interface TimedSource {
  readonly function: { readonly timeout: number | null } | null;
}

/** An invocation has to outlive at least one request that times out, and the writes after it. */
export function requestTimeoutRule(
  { name, part: source }: Named<TimedSource>,
  { requestTimeout: requestTimeoutMs }: ValidPrefect,
): readonly ConfigIssue[] {
  const timeoutSeconds = source?.function?.timeout ?? null;
  if (requestTimeoutMs === null || timeoutSeconds === null) return [];
  const neededSeconds = Math.ceil((requestTimeoutMs * 2) / 1000);
  if (timeoutSeconds >= neededSeconds) return [];
  return [
    {
      code: 'request-timeout-too-long',
      at: ['sources', name, 'function', 'timeout'],
      anchor: 'value',
      found: `${timeoutSeconds}s, less than twice prefect.requestTimeout (${requestTimeoutMs / 1000}s)`,
      fix: `write ${neededSeconds}s or more, or shorten prefect.requestTimeout`,
    },
  ];
}
