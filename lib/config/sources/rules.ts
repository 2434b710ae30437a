/** Rules for sources among each other, and for sources that no route reads. */
import type { ConfigIssue } from '../issues/config-issue.ts';
import type { Named } from '../valid-parts.ts';

export function uniqueSourceRules(
  http: readonly Named<{ readonly path: string | null; readonly retired: boolean | null }>[],
  sqs: readonly Named<{ readonly queueArn: string | null }>[],
): readonly ConfigIssue[] {
  // A retired source has no endpoint any more: another one may have its path.
  const paths = http.map(({ name, part }) => ({
    name,
    value: part?.retired === true ? null : (part?.path ?? null),
  }));
  const queues = sqs.map(({ name, part }) => ({ name, value: part?.queueArn ?? null }));
  return [
    ...duplicates(paths, 'duplicate-http-path', 'path'),
    ...duplicates(queues, 'duplicate-queue', 'queueArn'),
  ];
}

function duplicates(
  sources: readonly { readonly name: string; readonly value: string | null }[],
  code: 'duplicate-http-path' | 'duplicate-queue',
  field: string,
): readonly ConfigIssue[] {
  const firstByValue = new Map<string, string>();
  return sources.flatMap(({ name, value }): ConfigIssue[] => {
    if (value === null) return [];
    const first = firstByValue.get(value);
    if (first === undefined) {
      firstByValue.set(value, name);
      return [];
    }
    return [
      {
        code,
        at: ['sources', name, field],
        anchor: 'value',
        found: `${value}, which source ${first} has already`,
        fix: `change it, or name ${first} in the routes of ${name}`,
      },
    ];
  });
}

/** Without any route that is the problem, and what a broken route reads is not known. */
export function unreadSourceRules(
  sources: readonly Named<unknown>[],
  routes: readonly Named<{ readonly from: readonly string[] | null }>[],
): readonly ConfigIssue[] {
  const lists = routes.map(({ part }) => part?.from ?? null);
  if (lists.length === 0 || lists.includes(null)) return [];
  const read = new Set(lists.flatMap((from) => from ?? []));
  return sources
    .filter(({ name }) => !read.has(name))
    .map(({ name }) => ({
      code: 'source-without-route',
      at: ['sources', name],
      anchor: 'key',
      found: `the source ${name}, which no route reads`,
      fix: 'name it under from in a route, or remove it',
    }));
}
