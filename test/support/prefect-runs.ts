/** Which events are in flow runs, read from Prefect: what a run was given in its parameter `orders`. */
import { canonicalJson } from './exact-json.ts';
import type { PrefectApi } from './prefect-api.ts';

/** The `id` of the data of every event in every run of a deployment, sorted; an event in two runs is there twice. */
export async function eventIdsInRuns(prefect: PrefectApi, deploymentId: string): Promise<readonly string[]> {
  const runs = await prefect.listFlowRuns({ deploymentId });
  return runs
    .filter(({ stateName }) => stateName !== 'DeadLettered')
    .flatMap(({ parameters }) => {
      const { orders } = JSON.parse(canonicalJson(parameters)) as {
        readonly orders: readonly { readonly id: string }[];
      };
      return orders.map(({ id }) => id);
    })
    .sort();
}
