/** Reads the flow runs that Sluice has created from Prefect. */
import * as z from 'zod';
import { batchRecordOf } from '../../lib/prefect/run-label.ts';
import type { FlowRunRecord } from '../../lib/ports.ts';

export interface FlowRun extends FlowRunRecord {
  readonly route: string;
  readonly name: string;
  readonly stateName: string;
  readonly hasEnded: boolean;
  /** How many events are in its parameters. */
  readonly eventCount: number;
}

const Runs = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    labels: z.looseObject({ 'sluice.batch': z.string(), 'sluice.route': z.string() }),
    parameters: z.record(z.string(), z.unknown()),
    state_type: z.string(),
    state_name: z.string(),
  }),
);

/** prefect/client/schemas/objects.py, TERMINAL_STATES */
const TERMINAL_STATES = ['COMPLETED', 'CANCELLED', 'FAILED', 'CRASHED'];

/** Read at most 200 flow runs, which is the largest page of Prefect. */
export async function readFlowRuns(prefectApiUrl: string): Promise<readonly FlowRun[]> {
  const response = await fetch(`${prefectApiUrl}/flow_runs/filter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ flow_runs: { tags: { all_: ['sluice'] } }, sort: 'NAME_ASC' }),
  });
  if (!response.ok)
    throw new Error(`Prefect responded with ${String(response.status)} to a query for flow runs.`);
  return Runs.parse(await response.json()).map((run) => ({
    ...batchRecordOf(run.id, run.labels, run.labels['sluice.batch']),
    route: run.labels['sluice.route'],
    name: run.name,
    stateName: run.state_name,
    hasEnded: TERMINAL_STATES.includes(run.state_type),
    eventCount: countEvents(run.parameters),
  }));
}

/** `orders` is a list of events; `event` is one event. A run that was created dead has neither. */
function countEvents({ orders, event }: Readonly<Record<string, unknown>>): number {
  if (Array.isArray(orders)) return orders.length;
  return event === undefined ? 0 : 1;
}
