/** The text of the verdict, with figures for each kind of fault and the history of each violated event. */
import { textTable } from '../../scripts/demo/text-table.ts';
import type { Verdict, Violation, ViolationKind } from './checker.ts';
import { describeEntry, type History } from './history.ts';
import type { FaultCount } from './nemesis.ts';
import type { Observation } from './observation.ts';

export interface ReportInput {
  readonly observation: Observation;
  readonly verdict: Verdict;
  readonly counts: readonly FaultCount[];
  readonly duplicates: number;
  readonly history: History;
  readonly startedAtMs: number;
}

const KINDS: readonly ViolationKind[] = [
  'lost',
  'doubled',
  'wrongly-dead-lettered',
  'wrong-version',
  'misplaced',
  'over-cap',
  'altered',
  'unexpected',
];
/** More of them would only hide the first. */
const MOST_HISTORIES = 40;

export function report({
  observation,
  verdict,
  counts,
  duplicates,
  history,
  startedAtMs,
}: ReportInput): string {
  const { sent, deadLetters } = observation;
  const indeterminate = sent.filter(({ acceptedAtMs }) => acceptedAtMs === null).length;
  const faults = textTable(
    ['fault', 'times', 'met'],
    counts.map(({ name, times, hits, unit }) => [name, String(times), `${String(hits)} ${unit}`.trim()]),
  );
  const figures: readonly (readonly [string, string])[] = [
    [
      'events',
      `${sent.length}, of which ${indeterminate} were perhaps not accepted; ${duplicates} were sent again`,
    ],
    ['flow runs', statesOf(observation)],
    ['dead letters', `${deadLetters.length} messages`],
    ['pairs of event and route', String(verdict.expectations)],
    ['  the promise held', String(verdict.held)],
    ['  poison, dead-lettered', String(verdict.poison)],
    [
      '  not promised',
      `${verdict.deletedWithDeployment}: Prefect deleted their scheduled runs when the nemesis deleted the deployment`,
    ],
    [
      '',
      `${verdict.outlivedByMessage} of those that held have a second run: their claim expired before their message was acknowledged`,
    ],
    ...KINDS.map((kind): [string, string] => [`  ${kind}`, String(countOf(verdict, kind))]),
    ['not checked', 'the order of runs, renamed and removed routes, two stacks that read one queue'],
  ];
  const width = Math.max(...figures.map(([name]) => name.length));
  return [
    faults,
    '',
    ...figures.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    '',
    ...verdict.violations.slice(0, MOST_HISTORIES).map((each) => explain(each, history, startedAtMs)),
    ...(verdict.violations.length > MOST_HISTORIES
      ? [`… and ${verdict.violations.length - MOST_HISTORIES} more; all are in ${history.file}.`]
      : []),
    `History: ${history.file}`,
  ].join('\n');
}

function explain(violation: Violation, history: History, startedAtMs: number): string {
  const { kind, event, route, detail, untilMs } = violation;
  const entries = history.concerning(event, untilMs).map((entry) => `  ${describeEntry(entry, startedAtMs)}`);
  return [`VIOLATION ${kind}: ${event} on route ${route ?? 'unknown'}: ${detail}`, ...entries, ''].join('\n');
}

function countOf({ violations }: Verdict, kind: ViolationKind): number {
  return violations.filter((violation) => violation.kind === kind).length;
}

function statesOf({ runs }: Observation): string {
  const states = Object.entries(Object.groupBy(runs, ({ stateName }) => stateName));
  return `${runs.length}: ${states.map(([state, those = []]) => `${those.length} ${state}`).join(', ')}`;
}
