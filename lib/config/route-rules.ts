/** What a route must not say, given the sources that it reads. */
import { coalesceRules } from './coalesce-rules.ts';
import type { Finding } from './problem.ts';
import { retentionRules } from './retention-rules.ts';
import type { SoundRoute, SoundSource } from './sound-parts.ts';
import { suggestOrList } from './suggestion.ts';

const MAX_TAGS = 10;

export function routeRules(route: SoundRoute, sources: readonly SoundSource[]): readonly Finding[] {
  const sourceNames = sources.map(({ name }) => name);
  return [
    ...fromRules(route, sourceNames),
    ...tagRules(route),
    ...coalesceRules(route),
    ...retentionRules(route, sources),
  ];
}

function fromRules({ name, from }: SoundRoute, sourceNames: readonly string[]): readonly Finding[] {
  if (from === null) return [];
  if (from.length === 0) {
    const mend = `name at least one source: ${sourceNames.join(', ')}`;
    return [{ code: 'empty', at: ['routes', name, 'from'], anchor: 'value', found: 'an empty list', mend }];
  }
  return from.flatMap((source, index): Finding[] => {
    const at = ['routes', name, 'from', index];
    if (!sourceNames.includes(source)) {
      const mend = suggestOrList(source, sourceNames, 'sources');
      return [{ code: 'unknown-source', at, anchor: 'value', found: `the unknown source ${source}`, mend }];
    }
    if (from.indexOf(source) === index) return [];
    const found = `the source ${source} a second time`;
    return [{ code: 'repeated-source', at, anchor: 'value', found, mend: 'remove it' }];
  });
}

function tagRules({ name, tags }: SoundRoute): readonly Finding[] {
  if (tags === null) return [];
  const at = ['routes', name, 'run', 'tags'];
  const findings = tags.flatMap((tag, index): Finding[] => {
    if (tags.indexOf(tag) === index) return [];
    const found = `the tag ${tag} a second time`;
    return [{ code: 'bad-tag', at: [...at, index], anchor: 'value', found, mend: 'remove it' }];
  });
  if (tags.length <= MAX_TAGS) return findings;
  // Each tag becomes a related resource of Prefect's state event, which has room for 100 in all.
  const mend = `keep at most ${MAX_TAGS}`;
  return [...findings, { code: 'too-many-tags', at, anchor: 'value', found: `${tags.length} tags`, mend }];
}
