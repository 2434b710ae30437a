/** Reads from Prefect which events are in which runs; parameters that are too large for Prefect are read from S3. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { canonicalJson } from '../support/builders/exact-json.ts';
import { liveRuns } from '../support/parts/prefect-runs.ts';
import type { StoredFlowRun } from '../support/parts/prefect-api.ts';
import { readReference } from '../support/parts/read-reference.ts';
import type { FixtureDeployment } from './fixture-route.ts';
import type { Fixture } from './fixture.ts';

/** A run that executes, and the `id` in the data of each of its events, as often as the event is in it. */
export interface RunOfEvents {
  readonly run: StoredFlowRun;
  readonly deployment: string;
  readonly ids: readonly string[];
  /** When its window begins; `null` for a run that does not come from a window. */
  readonly window: string | null;
  /** Its events are in an object of S3. */
  readonly isOverflow: boolean;
}

/** Read all runs of all deployments that exist. */
export async function readRuns(fixture: Fixture): Promise<readonly RunOfEvents[]> {
  const all: RunOfEvents[] = [];
  for (const deployment of fixture.deployments) all.push(...(await readRunsOf(fixture, deployment)));
  return all;
}

export async function readRunsOf(
  fixture: Fixture,
  deployment: FixtureDeployment & { readonly deploymentId: string },
): Promise<readonly RunOfEvents[]> {
  const all: RunOfEvents[] = [];
  for (const run of await liveRuns(fixture.prefect, deployment.deploymentId)) {
    const start = run.labels['sluice.window.start'];
    const parameters = JSON.parse(canonicalJson(run.parameters)) as Readonly<Record<string, unknown>>;
    const { isOverflow, events } = await eventsIn(parameters[deployment.parameter], fixture);
    all.push({
      run,
      deployment: deployment.name,
      ids: events.map(({ id }) => id),
      window: typeof start === 'string' ? start : null,
      isOverflow,
    });
  }
  return all;
}

async function eventsIn(parameter: unknown, { s3 }: Fixture) {
  const reference = referenceIn(parameter);
  if (reference === null)
    return { isOverflow: false, events: parameter as readonly { readonly id: string }[] };
  const { bucket: Bucket, key: Key } = reference;
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const text = (await body?.transformToString()) ?? '';
  const events = readReference(parameter, () => text) as readonly { readonly id: string }[];
  return { isOverflow: true, events };
}

/** A reference looks like the value that it stands for: that of a list is a list with one element. */
function referenceIn(parameter: unknown): { readonly bucket: string; readonly key: string } | null {
  const [first] = Array.isArray(parameter) && parameter.length === 1 ? (parameter as readonly unknown[]) : [];
  if (typeof first !== 'object' || first === null || !('$sluice' in first) || first.$sluice !== 's3')
    return null;
  const { bucket, key } = first as { readonly bucket?: unknown; readonly key?: unknown };
  return typeof bucket === 'string' && typeof key === 'string' ? { bucket, key } : null;
}
