/** Which events are in flow runs, read from Prefect: what a run was given in its parameter `orders`. */
import { canonicalJson } from '../builders/exact-json.ts';
import type { PrefectApi, StoredFlowRun } from './prefect-api.ts';

/** All runs of a deployment but the dead ones, which never execute. */
export async function liveRuns(prefect: PrefectApi, deploymentId: string): Promise<readonly StoredFlowRun[]> {
  const runs = await prefect.listFlowRuns({ deploymentId });
  return runs.filter(({ stateType }) => stateType !== 'CANCELLED');
}

/** The `id` of the data of every event in a run; an event that is in it twice is there twice. */
export function eventIdsIn({ parameters }: StoredFlowRun): readonly string[] {
  const { orders } = JSON.parse(canonicalJson(parameters)) as {
    readonly orders: readonly { readonly id: string }[];
  };
  return orders.map(({ id }) => id);
}

/** The `id` of the data of every event in every run of a deployment, sorted; an event in two runs is there twice. */
export async function eventIdsInRuns(prefect: PrefectApi, deploymentId: string): Promise<readonly string[]> {
  return (await liveRuns(prefect, deploymentId)).flatMap(eventIdsIn).sort();
}
