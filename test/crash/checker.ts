/** Reads from Prefect, the dead-letter queue and the table what became of the events of schedules. */
import { textTable } from '../../scripts/demo/text-table.ts';
import { readRuns } from './flow-runs.ts';
import { receiveAll } from './held-messages.ts';
import type { Scenario } from './scenario.ts';
import {
  hasWindows,
  eventNames,
  POISON_ID,
  describeSchedule,
  runsExpected,
  type Victim,
} from './schedule.ts';
import type { Fixture } from './fixture.ts';

export interface Verdict {
  readonly scenario: Scenario;
  readonly events: number;
  /** Names of events that are in fewer runs than they should be; of a poison event: that has no dead letter. */
  readonly lost: readonly string[];
  /** Names of events that are in more runs than they should be, or twice in a window; of a poison event: in any run. */
  readonly doubled: readonly string[];
  /** Names of events that are still not acknowledged. */
  readonly unsettled: readonly string[];
}

export interface CheckResult {
  readonly verdicts: readonly Verdict[];
  readonly unclosedWindows: readonly string[];
}

export async function check(fixture: Fixture, scenarios: readonly Scenario[]): Promise<CheckResult> {
  const appearances = await readAppearances(fixture);
  const dead = await deadLetteredIds(fixture);
  const verdicts = scenarios.map((scenario): Verdict => {
    const names = eventNames(scenario.schedule);
    const isPoison = (name: string): boolean => scenario.schedule.withPoison && name === POISON_ID;
    const windowsOf = (name: string): readonly string[] => appearances.get(scenario.idOf(name)) ?? [];
    const expected = (name: string): number => (isPoison(name) ? 0 : runsExpected(scenario.schedule));
    const isLost = (name: string): boolean =>
      new Set(windowsOf(name)).size < expected(name) || dead.has(scenario.idOf(name)) !== isPoison(name);
    // An event belongs into each of the windows that cover it, and not twice into one of them.
    const isDoubled = (name: string): boolean =>
      windowsOf(name).length > Math.min(expected(name), new Set(windowsOf(name)).size);
    return {
      scenario,
      events: names.length,
      lost: names.filter(isLost),
      doubled: names.filter(isDoubled),
      unsettled: scenario.unacknowledged,
    };
  });
  const inOwnTables = scenarios.flatMap((scenario) => scenario.unclosedWindows);
  return { verdicts, unclosedWindows: [...(await fixture.unclosedWindows()), ...inOwnTables] };
}

/** List the windows of the runs that an event is in, by its id; the text is empty for a run without a window. */
async function readAppearances(fixture: Fixture): Promise<ReadonlyMap<string, readonly string[]>> {
  const windows = new Map<string, string[]>();
  for (const { ids, window } of await readRuns(fixture)) {
    for (const id of ids) windows.set(id, [...(windows.get(id) ?? []), window ?? '']);
  }
  return windows;
}

/** List the `id` in the data of every event that has a dead letter. */
export async function deadLetteredIds({ deadLetters }: Fixture): Promise<ReadonlySet<string>> {
  const messages = await receiveAll(deadLetters);
  return new Set(messages.map(({ body }) => idInDeadLetter(body)));
}

interface DeadRecord {
  readonly encoding: 'text' | 'base64';
  readonly body: string;
}

/** The record of a dead letter is the message as it was received, or, from a window, the event in CloudEvents' JSON format. */
function idInDeadLetter(deadLetter: string): string {
  const { record } = JSON.parse(deadLetter) as { readonly record: DeadRecord };
  const text = record.encoding === 'text' ? record.body : Buffer.from(record.body, 'base64').toString();
  const body = JSON.parse(text) as { readonly id: string; readonly data?: { readonly id: string } };
  return body.data?.id ?? body.id;
}

/** Format a table with one line for each kind of victim, and the failures. */
export function formatReport(result: CheckResult): string {
  const { verdicts, unclosedWindows } = result;
  const rows = [...Map.groupBy(verdicts, ({ scenario }) => nameOf(scenario.schedule))].map(([name, of]) => [
    name,
    ...[
      of.length,
      of.filter(({ scenario }) => scenario.wasKilled).length,
      sum(of.map(({ events }) => events)),
      sum(of.map(({ lost }) => lost.length)),
      sum(of.map(({ doubled }) => doubled.length)),
      sum(of.map(({ unsettled }) => unsettled.length)),
    ].map(String),
  ]);
  const total = ['total', ...columnSums(rows)];
  const table = textTable(HEADINGS, [...rows, total]);
  const open = `open windows: ${unclosedWindows.length}`;
  return [table, open, ...listFailures(result), ''].join('\n');
}

/** List the failures, one line each. */
export function listFailures({ verdicts, unclosedWindows }: CheckResult): readonly string[] {
  return [
    ...verdicts.filter(isFailure).map(describeFailure),
    ...unclosedWindows.map((windowId) => `FAILED window ${windowId} is not closed`),
  ];
}

const HEADINGS = ['mode', 'schedules', 'killed', 'events', 'lost', 'doubled', 'unsettled'];

function isFailure({ lost, doubled, unsettled }: Verdict): boolean {
  return lost.length + doubled.length + unsettled.length > 0;
}

function describeFailure({ scenario, lost, doubled, unsettled }: Verdict): string {
  const named = (what: string, names: readonly string[]): string =>
    names.length === 0 ? '' : ` ${what} ${names.join(' ')};`;
  return `FAILED ${describeSchedule(scenario.schedule)} (${scenario.line}):${named('lost', lost)}${named('doubled', doubled)}${named('unsettled', unsettled)}`;
}

function nameOf(victim: Victim): string {
  const poison = victim.withPoison ? ', poison' : '';
  const mode = victim.from === 'topic' ? `${victim.mode} from a topic` : victim.mode;
  return hasWindows(victim) ? `${mode}, ${victim.at}${poison}` : `${mode}${poison}`;
}

function columnSums(rows: readonly (readonly string[])[]): string[] {
  return HEADINGS.slice(1).map((_, index) => String(sum(rows.map((row) => Number(row[index + 1])))));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
