/** What became of the events of schedules that were played, read from Prefect, the dead-letter queue and the table. */
import { textTable } from '../../scripts/demo/text-table.ts';
import { eventIdsInRuns } from '../support/parts/prefect-runs.ts';
import { receiveAll } from './held-messages.ts';
import type { Play } from './play.ts';
import { hasWindows, idsOf, POISON_ID, titleOf, type Victim } from './schedule.ts';
import type { Stage } from './stage.ts';

export interface Verdict {
  readonly play: Play;
  readonly events: number;
  /** Names of events that are in no run (of a poison event: in no dead letter). */
  readonly lost: readonly string[];
  /** Names of events that are in more than one run (of a poison event: in a run that executes). */
  readonly doubled: readonly string[];
  /** Names of events that are still not acknowledged. */
  readonly unsettled: readonly string[];
}

export interface Judgement {
  readonly verdicts: readonly Verdict[];
  readonly unclosedWindows: readonly string[];
}

export async function judge(stage: Stage, plays: readonly Play[]): Promise<Judgement> {
  const runs = await countRuns(stage);
  const dead = await deadLetteredIds(stage);
  const verdicts = plays.map((play): Verdict => {
    const names = idsOf(play.schedule);
    const isPoison = (name: string): boolean => play.schedule.withPoison && name === POISON_ID;
    const runsOf = (name: string): number => runs.get(play.idOf(name)) ?? 0;
    const isLost = (name: string): boolean =>
      isPoison(name) ? !dead.has(play.idOf(name)) : runsOf(name) === 0 || dead.has(play.idOf(name));
    return {
      play,
      events: names.length,
      lost: names.filter(isLost),
      doubled: names.filter((name) => runsOf(name) > (isPoison(name) ? 0 : 1)),
      unsettled: play.unacknowledged,
    };
  });
  return { verdicts, unclosedWindows: await stage.unclosedWindows() };
}

/** By the id of the event, in how many runs it is. */
async function countRuns({ prefect, deploymentIds }: Stage): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const deploymentId of deploymentIds.values()) {
    for (const id of await eventIdsInRuns(prefect, deploymentId)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** The `id` in the data of every event that has a dead letter. */
export async function deadLetteredIds({ deadLetters }: Stage): Promise<ReadonlySet<string>> {
  const letters = await receiveAll(deadLetters);
  return new Set(letters.map(({ body }) => idInLetter(body)));
}

/** The record of a letter is the message as it came, or, from a window, the event in CloudEvents' JSON format. */
function idInLetter(letter: string): string {
  const { record } = JSON.parse(letter) as { readonly record: { readonly body: string } };
  const body = JSON.parse(record.body) as { readonly id: string; readonly data?: { readonly id: string } };
  return body.data?.id ?? body.id;
}

/** One line for each kind of victim, and what went wrong. */
export function reportOf(judgement: Judgement): string {
  const { verdicts, unclosedWindows } = judgement;
  const rows = [...Map.groupBy(verdicts, ({ play }) => nameOf(play.schedule))].map(([name, of]) => [
    name,
    ...[
      of.length,
      of.filter(({ play }) => play.wasKilled).length,
      sum(of.map(({ events }) => events)),
      sum(of.map(({ lost }) => lost.length)),
      sum(of.map(({ doubled }) => doubled.length)),
      sum(of.map(({ unsettled }) => unsettled.length)),
    ].map(String),
  ]);
  const total = ['total', ...columnSums(rows)];
  const table = textTable(HEADINGS, [...rows, total]);
  const open = `windows that are not closed: ${unclosedWindows.length}`;
  return [table, open, ...failuresOf(judgement), ''].join('\n');
}

/** What went wrong, a line each. */
export function failuresOf({ verdicts, unclosedWindows }: Judgement): readonly string[] {
  return [
    ...verdicts.filter(isFailure).map(describeFailure),
    ...unclosedWindows.map((windowId) => `FAILED window ${windowId} is not closed`),
  ];
}

const HEADINGS = ['mode', 'schedules', 'killed', 'events', 'lost', 'doubled', 'unsettled'];

function isFailure({ lost, doubled, unsettled }: Verdict): boolean {
  return lost.length + doubled.length + unsettled.length > 0;
}

function describeFailure({ play, lost, doubled, unsettled }: Verdict): string {
  const named = (what: string, names: readonly string[]): string =>
    names.length === 0 ? '' : ` ${what} ${names.join(' ')};`;
  return `FAILED ${titleOf(play.schedule)} (${play.line}):${named('lost', lost)}${named('doubled', doubled)}${named('unsettled', unsettled)}`;
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
