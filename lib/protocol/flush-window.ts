/**
 * Makes flow runs of a sealed window: the second half of section 2 `flush` of the claim protocol.
 *
 *   time ──▶  run w.0 ──▶ run w.1 … ──▶ dead letters ──▶ mark flushed ──▶ expire chunks, close
 *             │                                          │
 *     each under its own key for ever; who is in     until here every other flush does the same
 *     is read from the run that is there             again, and finds the same runs
 */
import { createBatch, type Excluded } from './create-run.ts';
import { perform, type Program } from './effects.ts';
import type { Member } from '../routing/member.ts';
import { SettlementLedger, type Settlements } from './settlement.ts';
import { timesOf, type WindowRules } from '../windows/window-rules.ts';
import type { SizedMember } from './window-effects.ts';
import { closeCovered, setTimer, type FlushContext, type SealedWindow } from './seal-window.ts';
import { partBatchId, windowIdOf, type PartDeployment, type WindowRef } from '../windows/window.ts';

export interface Flushing {
  /** Null when the window is done; else why it has to be flushed again. */
  readonly again: string | null;
  readonly settlements: Settlements;
}

/** Runs for all that the window holds, part by part; then it is marked and closed. */
export function* flushWindow(sealed: SealedWindow, context: FlushContext): Program<Flushing> {
  const ledger = new SettlementLedger();
  const again =
    (yield* createParts(sealed, context, ledger)) ??
    (yield* sendDeadLetters(sealed.members, ledger)) ??
    (yield* finish(sealed, context, runIdsOf(ledger)));
  return { again, settlements: ledger.settlements };
}

/** Null when every event is in a run, or dead; else why not. */
function* createParts(
  { window, panes, members }: SealedWindow,
  context: FlushContext,
  ledger: SettlementLedger,
): Program<string | null> {
  const first = panes.find(({ deployments }) => deployments.length > 0)?.deployments[0];
  let { deployments } = window;
  let remaining = members;
  for (let part = 0; remaining.length > 0;) {
    const { deploymentRef } =
      deployments.findLast(({ fromPart }) => fromPart <= part) ?? first ?? UNKNOWN_DEPLOYMENT;
    const batchId = partBatchId(deploymentRef, windowIdOf(window), part);
    const left = yield* createPart(batchId, remaining, deploymentRef, context, ledger);
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

/** What an earlier flush recorded stands, even if its run has been deleted since. */
function* createPart(
  batchId: string,
  members: readonly SizedMember[],
  deploymentRef: string,
  { nowEpochMs, retentionSeconds, rules }: FlushContext,
  ledger: SettlementLedger,
): Program<Excluded> {
  const { records } = yield* perform({ kind: 'read-records', batchIds: [batchId] });
  const record = records.get(batchId);
  if (record !== undefined) {
    return { members: ledger.settleFrom(record, members, 'duplicate'), deploymentRef };
  }
  const claimsExpireAtEpochSeconds = Math.ceil(nowEpochMs / 1_000) + retentionSeconds;
  const context = { deploymentRef, claimsExpireAtEpochSeconds, sentFirst: countWithinCaps(members, rules) };
  return yield* createBatch(batchId, members, context, ledger);
}

/**
 * No run has the key of this part and none can get it, since its deployment is gone: it and those after it are created
 * for another, which is noted first, so that every flush goes the same way. Null when that is not certain.
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

/** Null when they are stored, or none is needed. */
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

/** Null when the window is marked as flushed. */
function* finish(
  { window, panes }: SealedWindow,
  context: FlushContext,
  flowRunIds: readonly string[],
): Program<string | null> {
  const { series, sequence } = window;
  // The next overlapping window covers events of these, and may get none of its own that would set its timer.
  const goesOn = panes.some((pane) => pane.count > 0 && pane.sequence > sequence - context.rules.panes + 1);
  if (goesOn) {
    const next = { series, sequence: sequence + 1 };
    const { dueEpochMs } = timesOf(next, context.rules, context.nowEpochMs);
    if (!(yield* setTimer(next, dueEpochMs, context))) return 'the timer of the next window could not be set';
  }
  const { result } = yield* perform({ kind: 'mark-flushed', ref: window, flowRunIds });
  if (result === 'indeterminate') return 'it may or may not have been marked as flushed';
  yield* closeCovered({ ...window, state: 'flushed' }, context);
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
