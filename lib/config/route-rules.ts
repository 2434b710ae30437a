/** What a route must not say, given the sources that it reads. */
import { durationText } from './model/duration.ts';
import type { Finding } from './problem.ts';
import type { SoundRoute } from './sound-parts.ts';
import { suggestOrList } from './suggestion.ts';

const MAX_TAGS = 10;

/** An SQS queue keeps messages 14 days at most, and redriving dead letters starts that anew. */
const LONGEST_REDELIVERY_DAYS = 14;
const SECONDS_PER_DAY = 86_400;

export function routeRules(route: SoundRoute, sourceNames: readonly string[]): readonly Finding[] {
  return [...fromRules(route, sourceNames), ...tagRules(route), ...retainRule(route)];
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

function retainRule({ name, retainSeconds }: SoundRoute): readonly Finding[] {
  if (retainSeconds === null || retainSeconds >= LONGEST_REDELIVERY_DAYS * SECONDS_PER_DAY) return [];
  return [
    {
      code: 'retain-shorter-than-redelivery',
      at: ['routes', name, 'dedupe', 'retain'],
      anchor: 'value',
      found: `${durationText(retainSeconds)}, and a queue may deliver an event again after ${LONGEST_REDELIVERY_DAYS} days`,
      mend: 'write 15d, or keep the retention of the queue shorter',
    },
  ];
}
