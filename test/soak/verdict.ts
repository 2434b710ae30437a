/** What became of the events that were poured, read from Prefect, the dead-letter queue and the table. */
import { eventIdsIn, liveRuns } from '../support/parts/prefect-runs.ts';
import { deadLetteredIds } from '../crash/verdict.ts';
import type { Stage } from '../crash/stage.ts';
import { runsWanted, type PouredEvent } from './stream.ts';

export interface SoakVerdict {
  readonly runs: number;
  /** Ids of events that are in fewer runs than they should be, or have no dead letter. */
  readonly lost: readonly string[];
  /** Ids of events that are in more runs than they should be, or twice in one. */
  readonly doubled: readonly string[];
  readonly unclosedWindows: readonly string[];
  /** What is known of every event that is lost or doubled. */
  readonly evidence: readonly string[];
}

export interface Appearance {
  readonly flowRunId: string;
  readonly idempotencyKey: string | null;
  readonly state: string;
  /** When its window begins; null for a run that comes from no window. */
  readonly window: string | null;
}

/** By the id of the event, the runs that it is in: a run that holds it twice is there twice. */
export type Appearances = ReadonlyMap<string, readonly Appearance[]>;

export async function judgeSoak(stage: Stage, poured: readonly PouredEvent[]): Promise<SoakVerdict> {
  const { runs, appearances } = await appearancesIn(stage);
  const dead = await deadLetteredIds(stage);
  const unclosedWindows = await stage.unclosedWindows();
  return { runs, ...judgeAppearances(poured, appearances, dead), unclosedWindows };
}

export function judgeAppearances(
  poured: readonly PouredEvent[],
  appearances: Appearances,
  dead: ReadonlySet<string>,
): Pick<SoakVerdict, 'lost' | 'doubled' | 'evidence'> {
  const of = ({ id }: PouredEvent): readonly Appearance[] => appearances.get(id) ?? [];
  const countOf = (event: PouredEvent): number => of(event).length;
  // In two of the windows that overlap, and not twice in one of them.
  const windowsOf = (event: PouredEvent): number => new Set(of(event).map(({ window }) => window)).size;
  const wanted = ({ route, isPoison }: PouredEvent): number => (isPoison ? 0 : runsWanted(route));
  const isLost = (event: PouredEvent): boolean =>
    windowsOf(event) < wanted(event) || dead.has(event.id) !== event.isPoison;
  const lost = poured.filter(isLost);
  const doubled = poured.filter((event) => countOf(event) > Math.min(wanted(event), windowsOf(event)));
  const evidence = [...new Set([...lost, ...doubled])].map((event) => {
    const letter = dead.has(event.id) ? 'has a dead letter' : 'has no dead letter';
    const seen = JSON.stringify(appearances.get(event.id) ?? []);
    return `${event.body}: wanted in ${wanted(event)} runs, ${letter}, is in ${seen}`;
  });
  const idsOf = (events: readonly PouredEvent[]): string[] => events.map(({ id }) => id);
  return { lost: idsOf(lost), doubled: idsOf(doubled), evidence };
}

async function appearancesIn({ prefect, deploymentIds }: Stage) {
  const appearances = new Map<string, Appearance[]>();
  let runs = 0;
  for (const deploymentId of deploymentIds.values()) {
    for (const run of await liveRuns(prefect, deploymentId)) {
      runs++;
      const { flowRunId, idempotencyKey, stateName: state, labels } = run;
      const start = labels['sluice.window.start'];
      const window = typeof start === 'string' ? start : null;
      const appearance: Appearance = { flowRunId, idempotencyKey, state, window };
      for (const id of eventIdsIn(run)) appearances.set(id, [...(appearances.get(id) ?? []), appearance]);
    }
  }
  return { runs, appearances };
}
