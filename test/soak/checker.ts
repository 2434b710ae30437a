/** Reads from Prefect, the dead-letter queue and the table what became of the events that were sent. */
import { deadLetteredIds } from '../crash/checker.ts';
import type { Fixture } from '../crash/fixture.ts';
import { readRuns, type RunOfEvents } from '../crash/flow-runs.ts';
import { runsExpected } from './routes.ts';
import type { SentEvent } from './workload.ts';

export interface SoakVerdict {
  readonly runs: number;
  /** Runs whose parameters went through S3. */
  readonly overflowRuns: number;
  /** Ids of events that are in fewer runs than they should be, or have no dead letter. */
  readonly lost: readonly string[];
  /** Ids of events that are in more runs than they should be, or twice in one. */
  readonly doubled: readonly string[];
  readonly unclosedWindows: readonly string[];
  /** One line for every event that is lost or doubled: what was expected, and where it is. */
  readonly evidence: readonly string[];
}

export interface Appearance {
  readonly flowRunId: string;
  readonly idempotencyKey: string | null;
  readonly state: string;
  readonly deployment: string;
  /** When its window begins; `null` for a run that does not come from a window. */
  readonly window: string | null;
}

/** Lists the runs that an event is in by its id; a run that holds it twice is listed twice. */
export type Appearances = ReadonlyMap<string, readonly Appearance[]>;

/** `deletedIds`: events in runs that Prefect deleted with their deployment, which is not promised to be undone. */
export async function checkSoak(
  fixture: Fixture,
  sent: readonly SentEvent[],
  deletedIds: ReadonlySet<string>,
): Promise<SoakVerdict> {
  const runs = await readRuns(fixture);
  const dead = await deadLetteredIds(fixture);
  const unclosedWindows = await fixture.unclosedWindows();
  const overflowRuns = runs.filter(({ isOverflow }) => isOverflow).length;
  const checked = checkAppearances(sent, appearancesIn(runs), dead, deletedIds);
  return { runs: runs.length, overflowRuns, ...checked, unclosedWindows };
}

export function checkAppearances(
  sent: readonly SentEvent[],
  appearances: Appearances,
  dead: ReadonlySet<string>,
  deletedIds: ReadonlySet<string>,
): Pick<SoakVerdict, 'lost' | 'doubled' | 'evidence'> {
  const appearancesOf = ({ id }: SentEvent): readonly Appearance[] => appearances.get(id) ?? [];
  const countOf = (event: SentEvent): number => appearancesOf(event).length;
  // An event belongs into each of the overlapping windows, and not twice into one of them.
  const windowsOf = (event: SentEvent): number =>
    new Set(appearancesOf(event).map(({ window }) => window)).size;
  const expected = ({ route, isPoison }: SentEvent): number => (isPoison ? 0 : runsExpected(route));
  const isLost = (event: SentEvent): boolean =>
    (windowsOf(event) < expected(event) && !deletedIds.has(event.id)) ||
    dead.has(event.id) !== event.isPoison;
  const lost = sent.filter(isLost);
  const doubled = sent.filter((event) => countOf(event) > Math.min(expected(event), windowsOf(event)));
  const evidence = [...new Set([...lost, ...doubled])].map((event) => {
    const deadLetter = dead.has(event.id) ? 'has a dead letter' : 'has no dead letter';
    const seen = JSON.stringify(appearances.get(event.id) ?? []);
    return `${event.body.slice(0, 200)}: expected in ${expected(event)} runs, ${deadLetter}, is in ${seen}`;
  });
  return { lost: lost.map(({ id }) => id), doubled: doubled.map(({ id }) => id), evidence };
}

function appearancesIn(runs: readonly RunOfEvents[]): Appearances {
  const appearances = new Map<string, Appearance[]>();
  for (const { run, deployment, ids, window } of runs) {
    const { flowRunId, idempotencyKey, stateName: state } = run;
    const appearance = { flowRunId, idempotencyKey, state, deployment, window };
    for (const id of ids) appearances.set(id, [...(appearances.get(id) ?? []), appearance]);
  }
  return appearances;
}
