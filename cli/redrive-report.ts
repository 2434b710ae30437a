/** The text report of `sluice redrive`. */
import type { RedriveResultKind } from '../lib/redrive/invocation-protocol.ts';
import type { DeadLetterCount, RedriveResultCount, RedriveTotals } from '../lib/redrive/redrive-totals.ts';

export interface RedriveReportOptions {
  readonly stackName: string;
  readonly mode: 'plan' | 'run';
  readonly deadLettersPerMinute: number;
}

const RESULT_TEXT: Readonly<Record<RedriveResultKind, string>> = {
  'created': 'are in a flow run now',
  'held': 'wait in a window now',
  'duplicate': 'were in a flow run or a window already',
  'dead-lettered': 'were dead-lettered again (new message written)',
  'planned': 'would be sent',
  'retry': 'failed for a transient reason and stay in the queue: redrive them again later',
  'no-route': 'match no route any more and stay in the queue',
  'invalid': 'cannot be redriven and stay in the queue',
};

const PLAN_RESULT_TEXT: Readonly<Record<RedriveResultKind, string>> = {
  ...RESULT_TEXT,
  'dead-lettered': 'would be dead-lettered again',
  'retry': 'cannot be planned now',
};

/** A refused event costs three more requests: the refusal itself, a look-up, and the creation of its dead run. */
const REQUESTS_PER_REFUSAL = 3;

export function redriveReport(totals: RedriveTotals, options: RedriveReportOptions): string {
  const { deadLetters, results } = totals;
  const count = deadLetters.reduce((sum, each) => sum + each.count, 0);
  if (count === 0) {
    return [`No dead letters of stack ${options.stackName} match.`, ...untouchedLines(totals)].join('\n');
  }
  const texts = options.mode === 'plan' ? PLAN_RESULT_TEXT : RESULT_TEXT;
  return [
    `Matching dead letters of stack ${options.stackName}: ${count}`,
    '',
    ...deadLetterTable(deadLetters),
    '',
    options.mode === 'plan' ? 'Under the deployed configuration:' : 'Results:',
    ...results.map((result) => resultLine(result, texts)),
    ...(options.mode === 'run' && totals.flowRuns > 0 ? [`  flow runs created: ${totals.flowRuns}`] : []),
    ...untouchedLines(totals),
    ...(options.mode === 'plan' ? ['', ...planLines(totals, options)] : []),
    ...stoppedLines(totals),
  ].join('\n');
}

/** Summarize a redrive in progress in one line. */
export function progressLine({ results }: RedriveTotals): string {
  const byKind = Map.groupBy(results, ({ kind }) => kind);
  const counts = [...byKind].map(([kind, ofKind]) => {
    const count = ofKind.reduce((sum, each) => sum + each.count, 0);
    return `${count} ${kind}`;
  });
  return `redriven so far: ${counts.join(', ')}`;
}

function deadLetterTable(deadLetters: readonly DeadLetterCount[]): readonly string[] {
  const rows = deadLetters.map(({ source, route, code, count }) => [
    String(count),
    source,
    route ?? '-',
    code,
  ]);
  const table = [['count', 'source', 'route', 'code'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
}

function resultLine(result: RedriveResultCount, texts: Readonly<Record<RedriveResultKind, string>>): string {
  const { kind, route, code, detail, count, eventIds } = result;
  const about = [route, code].filter((each) => each !== null).join(', ');
  return [
    `  ${count} ${texts[kind]}${about === '' ? '' : ` (${about})`}`,
    ...(detail === null ? [] : [`      ${detail}`]),
    ...(detail === null || eventIds.length === 0
      ? []
      : [`      events: ${eventIds.join(', ')}${count > eventIds.length ? ', …' : ''}`]),
  ].join('\n');
}

function untouchedLines({ untouched, undeleted }: RedriveTotals): readonly string[] {
  const { filteredOut, unrecognized, incompleteParts, tooLarge, withoutFunction } = untouched;
  const lines = [
    [filteredOut, 'other messages that hold dead letters stay in the queue'],
    [unrecognized, 'messages that are not dead letters stay in the queue'],
    [incompleteParts, 'parts of dead letters whose other parts are missing stay in the queue'],
    [
      tooLarge,
      'dead letters are larger than the payload of a Lambda invocation: send their events again yourself',
    ],
    [undeleted, 'settled dead letters could not be deleted: redriven again, they are duplicates'],
  ] as const;
  return [
    ...lines.flatMap(([count, text]) => (count === 0 ? [] : [`  ${count} ${text}`])),
    ...Object.entries(withoutFunction).map(
      ([source, count]) => `  ${count} belong to source ${source}, for which the stack has no function`,
    ),
  ];
}

function planLines(totals: RedriveTotals, { deadLettersPerMinute }: RedriveReportOptions): readonly string[] {
  const planned = totals.results.reduce(
    (sum, { kind, count }) => (kind === 'planned' ? sum + count : sum),
    0,
  );
  const runs = Object.entries(totals.plannedRuns);
  const requests = runs.reduce((sum, [, count]) => sum + count, 0);
  const minutes = Math.ceil(planned / deadLettersPerMinute);
  return [
    ...runs.map(([route, count]) => `Flow runs of route ${route}: ${count} at most`),
    `Requests to Prefect: about ${requests}, and ${REQUESTS_PER_REFUSAL} more for each event that is refused again`,
    `Time: about ${minutes} min at ${deadLettersPerMinute} dead letters a minute`,
    'Nothing was sent, and nothing was deleted. To redrive these dead letters, add --yes.',
  ];
}

function stoppedLines({ stopped }: RedriveTotals): readonly string[] {
  switch (stopped) {
    case 'limit':
      return ['', 'Stopped at --limit: more dead letters may match.'];
    case 'interrupted':
      return ['', 'Interrupted: what was not sent is still in its queue.'];
    case 'no-progress':
      return [
        '',
        'Stopped after three invocations without progress: fix their cause first, and redrive again.',
      ];
    case null:
      return [];
  }
}
