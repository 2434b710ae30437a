/** Warnings about addresses and accounts that exist only on the machine of a developer. */
import { valueAt } from '../json/value-at.ts';
import type { ConfigIssue, ProblemPath } from './issues/config-issue.ts';

const EMULATOR_ARN = /^arn:[^:]*:[^:]*:[^:]*:000000000000:/;

/** Fields of a source whose addresses Lambda connects to. */
const CONNECTED_FIELDS: readonly ProblemPath[] = [
  ['schemaRegistry', 'url'],
  ['verify', 'issuer'],
  ['verify', 'jwksUrl'],
];

export function emulatorRules(root: unknown): readonly ConfigIssue[] {
  return [...loopbackRules(root), ...accountRules(root, [])];
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function loopbackRules(root: unknown): readonly ConfigIssue[] {
  const sources = Object.keys(asMap(valueAt(root, ['sources'])));
  const paths: readonly ProblemPath[] = [
    ['prefect', 'apiUrl'],
    ...sources.flatMap((name) => CONNECTED_FIELDS.map((field) => ['sources', name, ...field])),
    ...sources.flatMap((name) => {
      const servers = valueAt(root, ['sources', name, 'bootstrapServers']);
      return Array.isArray(servers)
        ? servers.map((_server, index) => ['sources', name, 'bootstrapServers', index])
        : [];
    }),
  ];
  return paths.flatMap((at): ConfigIssue[] => {
    const hostname = hostnameOf(valueAt(root, at));
    if (hostname === null || !isLoopback(hostname)) return [];
    return [
      {
        code: 'loopback-address',
        at,
        anchor: 'value',
        found: `${hostname}, which is the Lambda function itself once it is deployed`,
        fix: 'write an address that AWS Lambda can reach; for a local emulator this is fine',
      },
    ];
  });
}

function accountRules(value: unknown, at: ProblemPath): readonly ConfigIssue[] {
  if (typeof value === 'string') {
    if (!EMULATOR_ARN.test(value)) return [];
    return [
      {
        code: 'emulator-account',
        at,
        anchor: 'value',
        found: 'the account 000000000000',
        fix: 'write the number of your account; for a local emulator this is fine',
      },
    ];
  }
  if (Array.isArray(value)) {
    return value.flatMap((inner: unknown, index) => accountRules(inner, [...at, index]));
  }
  // What an unknown merge key refers to is reported where it is written.
  const entries = Object.entries(asMap(value)).filter(([key]) => key !== '<<');
  return entries.flatMap(([key, inner]) => accountRules(inner, [...at, key]));
}

/** Return the host of a URL or of `host:port`, or null for anything else. */
function hostnameOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const url = URL.parse(value.includes('://') ? value : `tcp://${value}`);
  return url === null || url.hostname === '' ? null : url.hostname;
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
