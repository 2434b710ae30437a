/** Cross-field rules for routes. */
import { coalesceRules } from '../coalesce/rules.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { suggestOrList } from '../issues/suggestion.ts';
import type { Named, Valid } from '../valid-parts.ts';
import { expressionRules } from './expression-rules.ts';
import type { RouteConfiguration } from './model.ts';

const MAX_TAGS = 10;

/** `sourceNames` is null when the sources are missing or not a map, which is reported already. */
export function routeRules(
  { name, part: route }: Named<Valid<RouteConfiguration>>,
  sourceNames: readonly string[] | null,
): readonly ConfigIssue[] {
  if (route === null) return [];
  return [
    ...fromRules(name, route.from, sourceNames),
    ...tagRules(name, route.run?.tags ?? []),
    ...expressionRules(name, route),
    ...(route.coalesce === null ? [] : coalesceRules(name, route.coalesce)),
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

function tagRules(name: string, tags: readonly string[]): readonly ConfigIssue[] {
  const at = ['routes', name, 'run', 'tags'];
  const issues = tags.flatMap((tag, index): ConfigIssue[] => {
    if (tags.indexOf(tag) === index) return [];
    const found = `the tag ${tag} a second time`;
    return [{ code: 'invalid-tag', at: [...at, index], anchor: 'value', found, fix: 'remove it' }];
  });
  if (tags.length <= MAX_TAGS) return issues;
  // Each tag becomes a related resource of Prefect's state event, which has room for 100 in all.
  const fix = `keep at most ${MAX_TAGS}`;
  return [...issues, { code: 'too-many-tags', at, anchor: 'value', found: `${tags.length} tags`, fix }];
}
