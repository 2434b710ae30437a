/**
 * What fields say about each other: references, and combinations that AWS, Prefect or the promise of Sluice do
 * not allow.
 */
import { isLoopback } from './emulator-rules.ts';
import { endpointRules } from './endpoint-rules.ts';
import { consumerGroupRules, kafkaRules } from './kafka-rules.ts';
import { overflowRules } from './overflow-rules.ts';
import type { ConfigIssue } from './problem.ts';
import { orderRules, queueRules } from './queue-rules.ts';
import { routeRules } from './route-rules.ts';
import { respondRules } from './respond-rules.ts';
import type { SoundParts, SoundPrefect, SoundSource } from './sound-parts.ts';
import { verifyRules } from './verify-rules.ts';

export function ruleFindings({ prefect, endpoint, sources, routes }: SoundParts): readonly ConfigIssue[] {
  const sourceNames = sources.map(({ name }) => name);
  const routed = new Set(routes.flatMap(({ from }) => from ?? []));
  return [
    ...prefectRules(prefect),
    ...uniqueAmong(sources, 'duplicate-http-path', 'path'),
    ...uniqueAmong(sources, 'duplicate-queue', 'queueArn'),
    ...sources.flatMap(queueRules),
    ...sources.flatMap(orderRules),
    ...sources.flatMap(kafkaRules),
    ...consumerGroupRules(sources),
    ...sources.flatMap(verifyRules),
    ...sources.flatMap((source) => respondRules(source, routes)),
    ...endpointRules(endpoint, sources),
    ...sources.flatMap((source) => requestTimeoutRule(source, prefect)),
    ...routes.flatMap((route) => routeRules(route, sources)),
    ...overflowRules(routes),
    // Without any route that is the problem, and reported as such.
    ...(routes.length === 0 ? [] : sourceNames.filter((name) => !routed.has(name)).map(unroutedSource)),
  ];
}

function prefectRules({ apiUrl, hasAuth }: SoundPrefect): readonly ConfigIssue[] {
  if (apiUrl === null) return [];
  const url = new URL(apiUrl);
  const isCloud = url.hostname === 'api.prefect.cloud';
  const findings: ConfigIssue[] = [];
  if (isCloud && hasAuth === false) {
    findings.push({
      code: 'cloud-needs-auth',
      at: ['prefect', 'auth'],
      anchor: 'value',
      found: 'none beside the URL of Prefect Cloud',
      fix: 'store {"apiKey": "…"} in Secrets Manager and write auth: { secret: <its name> }',
    });
  }
  if (!isCloud && !url.pathname.endsWith('/api')) {
    findings.push({
      code: 'unusual-api-url',
      at: ['prefect', 'apiUrl'],
      anchor: 'value',
      found: 'a URL that does not end in /api',
      fix: `write ${url.origin}/api unless the server has a base path of its own`,
    });
  }
  if (url.protocol === 'http:' && hasAuth === true && !isLoopback(url.hostname)) {
    findings.push({
      code: 'plaintext-credentials',
      at: ['prefect', 'apiUrl'],
      anchor: 'value',
      found: 'http:// beside auth.secret',
      fix: 'write https://, or see to it that nobody else is on the way to the server',
    });
  }
  return findings;
}

function uniqueAmong(
  sources: readonly SoundSource[],
  code: 'duplicate-http-path' | 'duplicate-queue',
  field: 'path' | 'queueArn',
): readonly ConfigIssue[] {
  const firstByValue = new Map<string, string>();
  const findings: ConfigIssue[] = [];
  for (const { name, [field]: value } of sources) {
    if (value === null) continue;
    const first = firstByValue.get(value);
    if (first === undefined) {
      firstByValue.set(value, name);
      continue;
    }
    findings.push({
      code,
      at: ['sources', name, field],
      anchor: 'value',
      found: `${value}, which source ${first} has already`,
      fix: `change it, or name ${first} in the routes of ${name}`,
    });
  }
  return findings;
}

/** An invocation has to outlive at least one request that times out, and the writes after it. */
function requestTimeoutRule(
  { name, timeoutSeconds }: SoundSource,
  { requestTimeoutMs }: SoundPrefect,
): readonly ConfigIssue[] {
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

function unroutedSource(name: string): ConfigIssue {
  return {
    code: 'source-without-route',
    at: ['sources', name],
    anchor: 'key',
    found: `the source ${name}, which no route reads`,
    fix: 'name it under from in a route, or remove it',
  };
}
