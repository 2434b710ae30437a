/** Compare what the routes made of the events of a test with what the test expects. */
import type { Expectation, ExpectedRun } from '../../lib/config/tests/model.ts';
import { firstDifference, ownValue, shortJson } from './first-difference.ts';
import type { PlannedRun, Rehearsal, SampleTrouble } from './rehearse.ts';

/** Return every way in which they differ, in sentences; none when the test passes. */
export function checkExpectation(expected: Expectation, found: Rehearsal): readonly string[] {
  return [
    ...checkTrouble('refused', 'refused by the endpoint', expected.refused, found.trouble),
    ...checkTrouble('dead-lettered', 'dead-lettered', expected.deadLetters, found.trouble),
    ...checkPlaces('filtered', expected.filtered, found.filtered),
    ...checkPlaces('duplicates', expected.duplicates, found.duplicates),
    ...(expected.runs === undefined ? [] : checkRuns(expected.runs, found.runs)),
  ];
}

interface ExpectedTrouble {
  readonly event: number;
  readonly route?: string | undefined;
  readonly code: string;
}

function checkTrouble(
  kind: SampleTrouble['kind'],
  words: string,
  expected: readonly ExpectedTrouble[],
  all: readonly SampleTrouble[],
): readonly string[] {
  const found = all.filter((trouble) => trouble.kind === kind);
  const matches = (trouble: SampleTrouble, { event, route, code }: ExpectedTrouble): boolean =>
    trouble.sample === event &&
    trouble.rejection.code === code &&
    (route === undefined || (trouble.kind === 'dead-lettered' && trouble.route === route));
  const missing = expected.filter((each) => !found.some((trouble) => matches(trouble, each)));
  const surplus = found.filter((trouble) => !expected.some((each) => matches(trouble, each)));
  return [
    ...missing.map(({ event, code }) => `events[${event}] was expected to be ${words} with the code ${code}`),
    ...surplus.map((trouble) => {
      const route = trouble.kind === 'dead-lettered' && trouble.route !== null ? ` by ${trouble.route}` : '';
      const { code, detail } = trouble.rejection;
      return `events[${trouble.sample}] was ${words}${route}: ${code}: ${detail}`;
    }),
  ];
}

function checkPlaces(
  field: string,
  expected: readonly number[] | undefined,
  found: readonly number[],
): readonly string[] {
  if (expected === undefined) return [];
  const difference = firstDifference(sorted(expected), sorted(found), field);
  return difference === null
    ? []
    : [`${field}: expected ${shortJson(sorted(expected))}, found ${shortJson(sorted(found))}`];
}

/** Runs are a set: each expected run takes one that was found, the one with the fewest differences first. */
function checkRuns(expected: readonly ExpectedRun[], found: readonly PlannedRun[]): readonly string[] {
  const problems: string[] = [];
  let left = [...found];
  for (const [index, run] of expected.entries()) {
    const candidates = left
      .map((candidate) => ({ candidate, differences: differencesOf(run, candidate, `runs[${index}]`) }))
      .toSorted((one, other) => one.differences.length - other.differences.length);
    const [best] = candidates;
    if (best === undefined) {
      problems.push(`runs[${index}]: no such run was planned`);
      continue;
    }
    problems.push(...best.differences);
    left = left.filter((each) => each !== best.candidate);
  }
  problems.push(...left.map((run) => `one run more than expected: ${describeRun(run)}`));
  return problems;
}

function differencesOf(expected: ExpectedRun, found: PlannedRun, path: string): readonly string[] {
  const { route, deployment, events, waits, parameters } = expected;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['route', route, found.route],
    ['deployment', deployment, found.deployment],
    [
      'events',
      Array.isArray(events) ? sorted(events) : events,
      Array.isArray(events) ? sorted(found.samples) : found.samples.length,
    ],
    ['waits', waits, found.waits],
    ...Object.entries(parameters ?? {}).map(
      ([name, value]) => [`parameters.${name}`, value, ownValue(found.parameters, name)] as const,
    ),
  ];
  return pairs.flatMap(([field, wanted, value]) => {
    if (wanted === undefined) return [];
    const difference = firstDifference(wanted, value, `${path}.${field}`);
    return difference === null
      ? []
      : [`${difference.path}: expected ${difference.expected}, found ${difference.found}`];
  });
}

export function describeRun({ route, deployment, samples, waits }: PlannedRun): string {
  const events = samples.map((sample) => `events[${sample}]`).join(', ');
  return `${route} → ${deployment} with ${events}${waits ? ', after waiting in a window' : ''}`;
}

function sorted(values: readonly number[]): readonly number[] {
  return values.toSorted((one, other) => one - other);
}
