/** What `sluice redrive` prints. */
import type { FateKind } from '../lib/redrive/invocation-protocol.ts';
import type { FateCount, LetterCount, RedriveTotals } from '../lib/redrive/redrive-totals.ts';

export interface RedriveReportTerms {
  readonly stackName: string;
  readonly mode: 'plan' | 'run';
  readonly lettersPerMinute: number;
}

const FATE_TEXT: Readonly<Record<FateKind, string>> = {
  'created': 'are in a flow run now',
  'held': 'wait in a window now',
  'duplicate': 'were in a flow run, or in a window, already',
  'dead-lettered': 'are dead again: each has a new letter',
  'planned': 'would be sent',
  'retry': 'could not be settled, and stay in the queue: redrive them again',
  'unwanted': 'match no route any more, and stay in the queue',
  'unreadable': 'cannot be redriven, and stay in the queue',
};

const PLAN_FATE_TEXT: Readonly<Record<FateKind, string>> = {
  ...FATE_TEXT,
  'dead-lettered': 'would be dead again',
  'retry': 'cannot be planned now',
};

/** A dead run takes three requests more: the run is looked for, created dead, and the refusal itself. */
const REQUESTS_OF_A_REFUSAL = 3;

export function redriveReport(totals: RedriveTotals, terms: RedriveReportTerms): string {
  const { letters, fates } = totals;
  const count = letters.reduce((sum, each) => sum + each.count, 0);
  if (count === 0) {
    const nothing = `No dead letter of stack ${terms.stackName} matches.`;
    return [nothing, ...untouchedLines(totals)].join('\n');
  }
  const texts = terms.mode === 'plan' ? PLAN_FATE_TEXT : FATE_TEXT;
  return [
    `Dead letters of stack ${terms.stackName} that match: ${count}`,
    '',
    ...lettersTable(letters),
    '',
    terms.mode === 'plan' ? 'Under what is deployed now:' : 'What became of them:',
    ...fates.map((fate) => fateLine(fate, texts)),
    ...(terms.mode === 'run' && totals.flowRuns > 0 ? [`  flow runs created: ${totals.flowRuns}`] : []),
    ...untouchedLines(totals),
    ...(terms.mode === 'plan' ? ['', ...planLines(totals, terms)] : []),
    ...stoppedLines(totals),
  ].join('\n');
}

/** One line of a redrive at work. */
export function progressLine({ fates }: RedriveTotals): string {
  const byKind = Map.groupBy(fates, ({ kind }) => kind);
  const counts = [...byKind].map(([kind, of]) => `${of.reduce((sum, { count }) => sum + count, 0)} ${kind}`);
  return `redriven so far: ${counts.join(', ')}`;
}

function lettersTable(letters: readonly LetterCount[]): readonly string[] {
  const rows = letters.map(({ source, route, code, count }) => [String(count), source, route ?? '-', code]);
  const table = [['letters', 'source', 'route', 'code'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
}

function fateLine(fate: FateCount, texts: Readonly<Record<FateKind, string>>): string {
  const { kind, route, code, detail, count } = fate;
  const about = [route, code].filter((each) => each !== null).join(', ');
  const reason = detail === null ? '' : `\n      ${detail}`;
  return `  ${count} ${texts[kind]}${about === '' ? '' : ` (${about})`}${reason}`;
}

function untouchedLines({ untouched, undeleted }: RedriveTotals): readonly string[] {
  const { otherLetters, foreign, incompleteParts, tooLarge, withoutFunction } = untouched;
  const lines = [
    [otherLetters, 'other messages with letters stay as they are'],
    [foreign, 'messages that are no letters stay as they are'],
    [incompleteParts, 'parts of letters whose other parts are missing stay as they are'],
    [tooLarge, 'letters are larger than an invocation of Lambda may be: send their events again yourself'],
    [undeleted, 'settled letters could not be deleted: redriven again, they are duplicates'],
  ] as const;
  return [
    ...lines.flatMap(([count, text]) => (count === 0 ? [] : [`  ${count} ${text}`])),
    ...Object.entries(withoutFunction).map(
      ([source, count]) => `  ${count} are of source ${source}, for which the stack has no function`,
    ),
  ];
}

function planLines(totals: RedriveTotals, { lettersPerMinute }: RedriveReportTerms): readonly string[] {
  const planned = totals.fates.reduce((sum, { kind, count }) => (kind === 'planned' ? sum + count : sum), 0);
  const runs = Object.entries(totals.plannedRuns);
  const requests = runs.reduce((sum, [, count]) => sum + count, 0);
  const minutes = Math.ceil(planned / lettersPerMinute);
  return [
    ...runs.map(([route, count]) => `Flow runs of route ${route}: ${count} at most`),
    `Requests to Prefect: about ${requests}, and ${REQUESTS_OF_A_REFUSAL} more for each event that is refused again`,
    `Time: about ${minutes} min at ${lettersPerMinute} letters a minute`,
    'Nothing was sent, and nothing was deleted. To redrive these letters, add --yes.',
  ];
}

function stoppedLines({ stopped }: RedriveTotals): readonly string[] {
  switch (stopped) {
    case 'limit':
      return ['', 'Stopped at --limit: there may be more that match.'];
    case 'interrupted':
      return ['', 'Interrupted: what was not sent is in its queue, as it was.'];
    case 'nothing-settles':
      return ['', 'Stopped, since nothing could be settled any more: mend that first, and redrive again.'];
    case null:
      return [];
  }
}
