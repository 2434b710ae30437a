/** The text of a soak: the figures for each kind of fault, and what became of the events. */
import { textTable } from '../../scripts/demo/text-table.ts';
import type { SoakVerdict } from './checker.ts';
import type { FaultCount } from './fault-counts.ts';
import type { Poller } from './poller.ts';
import type { Workload } from './workload.ts';

export interface SoakReport {
  readonly seed: number;
  readonly workload: Pick<Workload, 'events' | 'duplicates' | 'recurrences'>;
  readonly pollers: readonly (readonly [
    where: string,
    poller: Pick<Poller, 'invocations' | 'kills' | 'timeouts'>,
  ])[];
  readonly counts: readonly FaultCount[];
  /** How many events were in runs that Prefect deleted with their deployment. */
  readonly deleted: number;
  /** `null` if messages or windows were left. */
  readonly settledAfterMs: number | null;
  readonly verdict: SoakVerdict;
}

export function formatSoakReport(report: SoakReport): string {
  const { seed, workload, pollers, counts, deleted, settledAfterMs, verdict } = report;
  const faults = textTable(
    ['fault', 'times', 'met'],
    counts.map(({ name, times, met, unit }) => [
      name,
      String(times),
      unit === '' ? '' : `${String(met)} ${unit}`,
    ]),
  );
  const figures: readonly (readonly [string, string])[] = [
    [
      'events',
      `${workload.events.length}, ${workload.duplicates} sent again, ${workload.recurrences} with the key of an expired claim`,
    ],
    ['flow runs', `${verdict.runs}, of which ${verdict.overflowRuns} have their parameters in S3`],
    ...pollers.map(([where, { invocations, kills, timeouts }]): [string, string] => [
      'invocations',
      `${invocations} ${where}, of which ${kills} were killed (${timeouts} timed out)`,
    ]),
    [
      'settled',
      settledAfterMs === null ? 'NOT' : `${(settledAfterMs / 1_000).toFixed(0)} s after the last event`,
    ],
    ['not promised', `${deleted} events: Prefect deleted their scheduled runs with the deployment`],
    ['lost', String(verdict.lost.length)],
    ['doubled', String(verdict.doubled.length)],
    ['open windows', String(verdict.unclosedWindows.length)],
  ];
  const width = Math.max(...figures.map(([name]) => name.length));
  const failed = [...verdict.evidence, ...verdict.unclosedWindows].map((line) => `FAILED ${line}`);
  return [
    faults,
    '',
    ...figures.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    `Repeat with --seed ${seed}.`,
    ...failed,
  ].join('\n');
}
