/** Reads from Prefect, the dead-letter queue and the table what became of the events of schedules. */
import { textTable } from '../../scripts/demo/text-table.ts';
import { eventIdsInRuns } from '../support/parts/prefect-runs.ts';
import { receiveAll } from './held-messages.ts';
import type { Scenario } from './scenario.ts';
import { hasWindows, eventNames, POISON_ID, describeSchedule, type Victim } from './schedule.ts';
import type { Fixture } from './fixture.ts';

export interface Verdict {
  readonly scenario: Scenario;
  readonly events: number;
  /** Names of events that are in no run; of a poison event: that has no dead letter. */
  readonly lost: readonly string[];
  /** Names of events that are in more than one run; of a poison event: that is in a run that executes. */
  readonly doubled: readonly string[];
  /** Names of events that are still not acknowledged. */
  readonly unsettled: readonly string[];
}

export interface CheckResult {
  readonly verdicts: readonly Verdict[];
  readonly unclosedWindows: readonly string[];
}

export async function check(fixture: Fixture, scenarios: readonly Scenario[]): Promise<CheckResult> {
  const runs = await countRuns(fixture);
  const dead = await deadLetteredIds(fixture);
  const verdicts = scenarios.map((scenario): Verdict => {
    const names = eventNames(scenario.schedule);
    const isPoison = (name: string): boolean => scenario.schedule.withPoison && name === POISON_ID;
    const runsOf = (name: string): number => runs.get(scenario.idOf(name)) ?? 0;
    const isLost = (name: string): boolean =>
      isPoison(name) ? !dead.has(scenario.idOf(name)) : runsOf(name) === 0 || dead.has(scenario.idOf(name));
    return {
      scenario,
      events: names.length,
      lost: names.filter(isLost),
      doubled: names.filter((name) => runsOf(name) > (isPoison(name) ? 0 : 1)),
      unsettled: scenario.unacknowledged,
    };
  });
  return { verdicts, unclosedWindows: await fixture.unclosedWindows() };
}

/** Count the runs of each event by its id. */
async function countRuns({ prefect, deploymentIds }: Fixture): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const deploymentId of deploymentIds.values()) {
    for (const id of await eventIdsInRuns(prefect, deploymentId)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** List the `id` in the data of every event that has a dead letter. */
export async function deadLetteredIds({ deadLetters }: Fixture): Promise<ReadonlySet<string>> {
  const messages = await receiveAll(deadLetters);
  return new Set(messages.map(({ body }) => idInDeadLetter(body)));
}

/** The record of a dead letter is the message as it was received, or, from a window, the event in CloudEvents' JSON format. */
function idInDeadLetter(deadLetter: string): string {
  const { record } = JSON.parse(deadLetter) as { readonly record: { readonly body: string } };
  const body = JSON.parse(record.body) as { readonly id: string; readonly data?: { readonly id: string } };
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
  return hasWindows(victim) ? `${victim.mode}, ${victim.at}${poison}` : `${victim.mode}${poison}`;
}

function columnSums(rows: readonly (readonly string[])[]): string[] {
  return HEADINGS.slice(1).map((_, index) => String(sum(rows.map((row) => Number(row[index + 1])))));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
