/**
 * Create the flow runs of a sealed window (docs/protocol.md, Windows, the second half of `flush`).
 *
 *   time ──▶  run w.0 ──▶ run w.1 … ──▶ dead letters ──▶ mark flushed ──▶ expire chunks, close
 *             │                                          │
 *     each under a key that never changes; who     until here every other flush does the same
 *     is in is read from the run that exists       again, and finds the same runs
 */
import { createBatch, type Excluded } from './create-run.ts';
import { perform, type Program } from './effects.ts';
import type { Member } from '../routing/member.ts';
import { SettlementLedger, type Settlements } from './settlement.ts';
import { timesOf, type WindowRules } from '../windows/window-rules.ts';
import type { SizedMember, WindowRoute } from './window-effects.ts';
import { sendTimer } from './append-to-window.ts';
import { closeCovered, type FlushContext, type SealedWindow } from './seal-window.ts';
import { partBatchId } from '../batching/batch-id.ts';
import { windowIdOf, type PartDeployment, type WindowRef } from '../windows/window.ts';

export interface Flushing {
  /** Null when the window is done, else why it has to be flushed again. */
  readonly retryReason: string | null;
  readonly settlements: Settlements;
}

/** Create runs for all that the window holds, part by part; then mark and close it. */
export function* flushWindow(sealed: SealedWindow, context: FlushContext): Program<Flushing> {
  const ledger = new SettlementLedger();
  const retryReason =
    (yield* createParts(sealed, context, ledger)) ??
    (yield* sendDeadLetters(sealed.members, ledger)) ??
    (yield* finish(sealed, context, runIdsOf(ledger)));
  return { retryReason, settlements: ledger.settlements };
}

/** Return null when every event is in a run or dead-lettered, else why not. */
function* createParts(
  sealed: SealedWindow,
  context: FlushContext,
  ledger: SettlementLedger,
): Program<string | null> {
  const { window, panes, members } = sealed;
  const first = panes.find(({ deployments }) => deployments.length > 0)?.deployments[0];
  let { deployments } = window;
  let remaining = members;
  for (let part = 0; remaining.length > 0;) {
    const { deploymentRef } =
      deployments.findLast(({ fromPart }) => fromPart <= part) ?? first ?? UNKNOWN_DEPLOYMENT;
    const batchId = partBatchId(deploymentRef, context.installation, windowIdOf(window), part);
    const left = yield* createPart(batchId, remaining, deploymentRef, sealed.route, context, ledger);
    const unsettled = detailOfUnsettled(remaining, ledger);
    if (unsettled !== null) return unsettled;
    if (left.deploymentRef === deploymentRef) {
      const excluded = new Set(left.members.map(({ claimKey }) => claimKey));
      remaining = remaining.filter(({ claimKey }) => excluded.has(claimKey));
      part++;
      continue;
    }
    const redirected = yield* redirect(window, deployments, {
      fromPart: part,
      deploymentRef: left.deploymentRef,
    });
    if (redirected === null) return 'its deployment is gone, and the next one could not be noted';
    deployments = redirected;
  }
  return null;
}

/** Settle one part. What an earlier flush recorded stands, even if its run has been deleted since. */
function* createPart(
  batchId: string,
  members: readonly SizedMember[],
  deploymentRef: string,
  { retentionSeconds, rules }: WindowRoute,
  { nowEpochMs }: FlushContext,
  ledger: SettlementLedger,
): Program<Excluded> {
  const { records } = yield* perform({ kind: 'read-records', batchIds: [batchId] });
  const record = records.get(batchId);
  if (record !== undefined) {
    return { members: ledger.settleFrom(record, members, 'duplicate'), deploymentRef };
  }
  const claimsExpireAtEpochSeconds = Math.ceil(nowEpochMs / 1_000) + retentionSeconds;
  const creation = { deploymentRef, claimsExpireAtEpochSeconds, sentFirst: countWithinCaps(members, rules) };
  return yield* createBatch(batchId, members, creation, ledger);
}

/**
 * No run has the key of this part and none can get it, since its deployment is gone: it and those after it are created
 * for another, which is noted first, so that every flush goes the same way. Return null when that is not certain.
 */
function* redirect(
  ref: WindowRef,
  from: readonly PartDeployment[],
  to: PartDeployment,
): Program<readonly PartDeployment[] | null> {
  const { result } = yield* perform({ kind: 'redirect-window', ref, from, to });
  if (result === 'moved') return [...from, to];
  if (result === 'indeterminate') return null;
  const { windows } = yield* perform({ kind: 'read-windows', refs: [ref] });
  return windows.get(windowIdOf(ref))?.deployments ?? null;
}

/** Return null when they are stored, or none is needed. */
function* sendDeadLetters(
  members: readonly Member[],
  { settlements }: SettlementLedger,
): Program<string | null> {
  const dead = members.flatMap((member) => {
    const settlement = settlements.get(member.claimKey);
    return settlement?.kind === 'dead-lettered' ? [{ ...settlement, member }] : [];
  });
  if (dead.length === 0) return null;
  const { areStored } = yield* perform({ kind: 'send-dead-letters', dead });
  return areStored ? null : 'a dead letter could not be stored';
}

/** Return null when the window is marked as flushed. */
function* finish(
  { window, panes, route }: SealedWindow,
  context: FlushContext,
  flowRunIds: readonly string[],
): Program<string | null> {
  const { series, sequence } = window;
  // The next overlapping window covers events of these, and may get none of its own that would set its timer.
  const goesOn = panes.some((pane) => pane.count > 0 && pane.sequence > sequence - route.rules.panes + 1);
  if (goesOn) {
    const next = { series, sequence: sequence + 1 };
    const { dueEpochMs } = timesOf(next, route.rules, context.nowEpochMs);
    if (!(yield* sendTimer(next, dueEpochMs, route.version)))
      return 'the timer of the next window could not be set';
  }
  const { result } = yield* perform({ kind: 'mark-flushed', ref: window, flowRunIds });
  if (result === 'indeterminate') return 'it may or may not have been marked as flushed';
  yield* closeCovered({ ...window, state: 'flushed' }, route, context);
  return null;
}

/** A run's caps are hard here as well: overlapping windows, and those that a poison event was taken out of, are split. */
function countWithinCaps(members: readonly SizedMember[], { maxEvents, maxBytes }: WindowRules): number {
  let bytes = 0;
  const overshoots = members.findIndex((member, index) => {
    bytes += member.bytes;
    return index > 0 && (index >= maxEvents || bytes > maxBytes);
  });
  return overshoots === -1 ? members.length : overshoots;
}

function detailOfUnsettled(members: readonly Member[], { settlements }: SettlementLedger): string | null {
  for (const { claimKey } of members) {
    const settlement = settlements.get(claimKey);
    if (settlement?.kind === 'retry') return settlement.detail;
  }
  return null;
}

function runIdsOf({ settlements }: SettlementLedger): readonly string[] {
  const ids = [...settlements.values()].flatMap((each) => ('flowRunId' in each ? [each.flowRunId] : []));
  return [...new Set(ids)];
}

/** A window with events was opened for a deployment. */
const UNKNOWN_DEPLOYMENT = { deploymentRef: '' };
