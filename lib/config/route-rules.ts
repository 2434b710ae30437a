/** What a route must not say, given the sources that it reads. */
import { coalesceRules } from './coalesce-rules.ts';
import type { ConfigIssue } from './problem.ts';
import { retentionRules } from './retention-rules.ts';
import type { SoundRoute, SoundSource } from './sound-parts.ts';
import { suggestOrList } from './suggestion.ts';

const MAX_TAGS = 10;

export function routeRules(route: SoundRoute, sources: readonly SoundSource[]): readonly ConfigIssue[] {
  const sourceNames = sources.map(({ name }) => name);
  return [
    ...fromRules(route, sourceNames),
    ...tagRules(route),
    ...coalesceRules(route),
    ...retentionRules(route, sources),
  ];
}

function fromRules({ name, from }: SoundRoute, sourceNames: readonly string[]): readonly ConfigIssue[] {
  if (from === null) return [];
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

function tagRules({ name, tags }: SoundRoute): readonly ConfigIssue[] {
  if (tags === null) return [];
  const at = ['routes', name, 'run', 'tags'];
  const findings = tags.flatMap((tag, index): ConfigIssue[] => {
    if (tags.indexOf(tag) === index) return [];
    const found = `the tag ${tag} a second time`;
    return [{ code: 'invalid-tag', at: [...at, index], anchor: 'value', found, fix: 'remove it' }];
  });
  if (tags.length <= MAX_TAGS) return findings;
  // Each tag becomes a related resource of Prefect's state event, which has room for 100 in all.
  const fix = `keep at most ${MAX_TAGS}`;
  return [...findings, { code: 'too-many-tags', at, anchor: 'value', found: `${tags.length} tags`, fix }];
}
