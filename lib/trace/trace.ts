/**
 * Find out what became of an event, from its claim on. Each step is one read by key:
 *
 *   claim ──▶ batch record ──▶ flow run in Prefect
 *                 └─ a chunk ──▶ window ──▶ records of its runs ──▶ flow run in Prefect
 */
import { partBatchId } from '../batching/batch-id.ts';
import type { Claim, FlowRunRecord, RecordedBatch } from '../ports.ts';
import { memberOfClaim, routeOfClaim } from '../routing/member.ts';
import { windowIdOf, type Window, type WindowRef } from '../windows/window.ts';
import type { FlowRunFacts, InspectedFlowRun, TracePorts } from './trace-ports.ts';

export interface TraceOptions {
  /** ARN of the table. */
  readonly installation: string;
  readonly nowEpochMs: number;
  /** Of each request to Prefect. */
  readonly requestTimeoutMs: number;
  /** How many windows cover an event of this route: more than one in mode `sliding`. */
  readonly windowsPerEvent: (route: string) => number;
}

/** Where an event on a route is, or what became of it. */
export type Fate =
  /** The table has no claim of it, or one that has expired: it is as if it had never come. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'in-run'; readonly run: RunOfBatch; readonly batch: BatchSize }
  | { readonly kind: 'dead'; readonly code: string; readonly run: RunOfBatch }
  /** In a window that is open, or (null) is opened when the one before it is flushed. */
  | { readonly kind: 'waiting'; readonly window: Window | null }
  /** Its window is closed, and its flow run is not recorded yet. */
  | { readonly kind: 'flushing'; readonly window: Window }
  /** Its window is flushed, and neither it nor the records of its runs are kept any more. */
  | { readonly kind: 'window-gone'; readonly windowId: string }
  /** Its batch was settled without it: the next delivery claims it for another batch. */
  | { readonly kind: 'left-out'; readonly batchId: string }
  /** Claimed, and no flow run is known yet. `isBeingCreated`: the lease of the claim is not over. */
  | {
      readonly kind: 'claimed';
      readonly isBeingCreated: boolean;
      readonly prefect: InspectedFlowRun['kind'];
    };

export interface BatchSize {
  readonly batchId: string;
  readonly members: number;
}

export interface RunOfBatch {
  readonly flowRunId: string;
  /** Null where Prefect did not answer, or has deleted the run. */
  readonly facts: FlowRunFacts | null;
  /** Why there are no facts. */
  readonly missing: 'none' | 'unavailable' | null;
}

export interface ClaimTrace {
  readonly claimKey: string;
  readonly route: string;
  readonly claim: Claim | null;
  /** One, or one for each window that covers the event. */
  readonly fates: readonly Fate[];
}

/** @throws {TableError} when the table cannot be read. */
export async function traceClaims(
  claimKeys: readonly string[],
  ports: TracePorts,
  options: TraceOptions,
): Promise<readonly ClaimTrace[]> {
  const claims = await ports.claims.readClaims(claimKeys);
  const live = [...claims.values()].filter((claim) => !isExpired(claim, options));
  const records = await ports.records.readRecords([...new Set(live.map(({ batchId }) => batchId))]);
  return Promise.all(
    claimKeys.map(async (claimKey): Promise<ClaimTrace> => {
      const claim = claims.get(claimKey) ?? null;
      const fates: readonly Fate[] =
        claim === null || isExpired(claim, options)
          ? [{ kind: 'unknown' }]
          : await fatesOf(claim, records.get(claim.batchId) ?? null, ports, options);
      return { claimKey, route: routeOfClaim(claimKey), claim, fates };
    }),
  );
}

/** A claim that has expired and is not deleted yet counts for nothing: the event would be a new one. */
function isExpired({ expiresAtEpochSeconds }: Claim, { nowEpochMs }: TraceOptions): boolean {
  return expiresAtEpochSeconds * 1_000 <= nowEpochMs;
}

async function fatesOf(
  claim: Claim,
  record: RecordedBatch | null,
  ports: TracePorts,
  options: TraceOptions,
): Promise<readonly Fate[]> {
  const { memberId } = memberOfClaim(claim.claimKey);
  if (record === null) return [await unrecordedFate(claim, memberId, ports, options)];
  if (record.kind === 'flow-run') return [await recordedFate(record, memberId, ports, options)];
  if (!record.members.includes(memberId)) return [{ kind: 'left-out', batchId: record.batchId }];
  return windowFates(record.windowId, claim.claimKey, ports, options);
}

/** The record may not be written yet: Prefect knows whether there is a run. */
async function unrecordedFate(
  claim: Claim,
  memberId: string,
  { flowRuns }: TracePorts,
  { nowEpochMs, requestTimeoutMs }: TraceOptions,
): Promise<Fate> {
  const found = await flowRuns.findFlowRunOfBatch(claim.batchId, requestTimeoutMs);
  if (found.kind === 'run' && found.run.members.includes(memberId)) {
    const { run } = found;
    const batch = { batchId: claim.batchId, members: run.members.length };
    return { kind: 'in-run', run: { flowRunId: run.flowRunId, facts: run, missing: null }, batch };
  }
  if (found.kind === 'run') return { kind: 'left-out', batchId: claim.batchId };
  const isBeingCreated = claim.leaseUntilEpochSeconds * 1_000 > nowEpochMs;
  return { kind: 'claimed', isBeingCreated, prefect: found.kind };
}

async function recordedFate(
  record: FlowRunRecord,
  memberId: string,
  ports: TracePorts,
  options: TraceOptions,
): Promise<Fate> {
  const { batchId, members, deadCode } = record;
  if (!members.includes(memberId)) return { kind: 'left-out', batchId };
  const run = await inspect(record.flowRunId, ports, options);
  return deadCode === null
    ? { kind: 'in-run', run, batch: { batchId, members: members.length } }
    : { kind: 'dead', code: deadCode, run };
}

async function inspect(
  flowRunId: string,
  { flowRuns }: TracePorts,
  { requestTimeoutMs }: TraceOptions,
): Promise<RunOfBatch> {
  const found = await flowRuns.readFlowRun(flowRunId, requestTimeoutMs);
  return found.kind === 'run'
    ? { flowRunId, facts: found.run, missing: null }
    : { flowRunId, facts: null, missing: found.kind };
}

/** Windows that cover an event follow each other: its own, and in mode `sliding` those after it. */
async function windowFates(
  windowId: string,
  claimKey: string,
  ports: TracePorts,
  options: TraceOptions,
): Promise<readonly Fate[]> {
  const first = windowRefOfId(windowId);
  if (first === null) return [{ kind: 'window-gone', windowId }];
  const { memberId } = memberOfClaim(claimKey);
  const refs = Array.from({ length: options.windowsPerEvent(routeOfClaim(claimKey)) }, (_, later) => ({
    series: first.series,
    sequence: first.sequence + later,
  }));
  const windows = await ports.windows.readWindows(refs);
  const own = windows.get(windowId);
  if (own === undefined) return [{ kind: 'window-gone', windowId }];
  return Promise.all(
    refs.map((ref): Promise<Fate> =>
      windowFate(windows.get(windowIdOf(ref)) ?? null, own, memberId, ports, options),
    ),
  );
}

/** `own` is the window that the event was added to. */
async function windowFate(
  window: Window | null,
  own: Window,
  memberId: string,
  ports: TracePorts,
  options: TraceOptions,
): Promise<Fate> {
  if (window === null || window.state === 'open') return { kind: 'waiting', window };
  for (const record of await recordsOfParts(window, own, ports, options)) {
    if (record.members.includes(memberId)) return recordedFate(record, memberId, ports, options);
  }
  return { kind: 'flushing', window };
}

/** Read the records of a window's runs, part by part, until there are no more. */
async function recordsOfParts(
  window: Window,
  own: Window,
  { records }: TracePorts,
  { installation }: TraceOptions,
): Promise<readonly FlowRunRecord[]> {
  const found: FlowRunRecord[] = [];
  for (let part = 0; ; part++) {
    // A window to which nothing was added has the deployment of those that it covers.
    const deployment = window.deployments.findLast(({ fromPart }) => fromPart <= part) ?? own.deployments[0];
    if (deployment === undefined) return found;
    const batchId = partBatchId(deployment.deploymentRef, installation, windowIdOf(window), part);
    const record = (await records.readRecords([batchId])).get(batchId);
    if (record?.kind !== 'flow-run') return found;
    found.push(record);
  }
}

/** `<route>#<hash of the key>#<sequence>`; null when it is not of that form. */
export function windowRefOfId(windowId: string): WindowRef | null {
  const [route = '', keyHash = '', sequence = ''] = windowId.split('#');
  if (route === '' || keyHash === '' || !/^-?\d+$/.test(sequence)) return null;
  return { series: { route, keyHash }, sequence: Number(sequence) };
}
