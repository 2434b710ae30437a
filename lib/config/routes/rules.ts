/** Cross-field rules for routes. */
import { coalesceRules } from '../coalesce/rules.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { suggestOrList } from '../issues/suggestion.ts';
import type { Named, Valid } from '../valid-parts.ts';
import { runRules } from '../run/rules.ts';
import { expressionRules } from './expression-rules.ts';
import type { RouteConfiguration } from './model.ts';

/** `sourceNames` is null when the sources are missing or not a map, which is reported already. */
export function routeRules(
  { name, part: route }: Named<Valid<RouteConfiguration>>,
  sourceNames: readonly string[] | null,
): readonly ConfigIssue[] {
  if (route === null) return [];
  return [
    ...fromRules(name, route.from, sourceNames),
    ...expectRules(name, route),
    ...(route.run === null ? [] : runRules(name, route.run, route.coalesce)),
    ...expressionRules(name, route),
    ...(route.coalesce === null ? [] : coalesceRules(name, route.coalesce)),
  ];
}

/** CloudWatch takes ten metrics for an alarm, and each source counts for itself. */
const MAX_EXPECTED_SOURCES = 10;

function expectRules(name: string, { from, expect }: Valid<RouteConfiguration>): readonly ConfigIssue[] {
  if (expect === undefined || from === null || from.length <= MAX_EXPECTED_SOURCES) return [];
  return [
    {
      code: 'too-many-sources-for-alarm',
      at: ['routes', name, 'expect'],
      anchor: 'key',
      found: `expect on a route with ${from.length} sources`,
      fix: `keep at most ${MAX_EXPECTED_SOURCES} sources, or write expectEventsEvery on each source instead`,
    },
  ];
}

function fromRules(
  name: string,
  from: readonly string[] | null,
  sourceNames: readonly string[] | null,
): readonly ConfigIssue[] {
  if (from === null || sourceNames === null) return [];
  if (from.length === 0) {
    const fix = `name at least one source: ${sourceNames.join(', ')}`;
    return [{ code: 'empty', at: ['routes', name, 'from'], anchor: 'value', found: 'an empty list', fix }];
  }
  return from.flatMap((source, index): ConfigIssue[] => {
    const at = ['routes', name, 'from', index];
    if (!sourceNames.includes(source)) {
      const fix = suggestOrList(source, sourceNames, 'sources');
      return [{ code: 'unknown-source', at, anchor: 'value', found: `the unknown source ${source}`, fix }];
    }
    if (from.indexOf(source) === index) return [];
    const found = `the source ${source} a second time`;
    return [{ code: 'repeated-source', at, anchor: 'value', found, fix: 'remove it' }];
  });
}
