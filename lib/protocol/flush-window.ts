/**
 * Makes flow runs of a sealed window: the second half of section 2 `flush` of the claim protocol.
 *
 *   time ──▶  run w.0 ──▶ run w.1 … ──▶ dead letters ──▶ mark flushed ──▶ expire chunks, close
 *             │                                          │
 *     each under its own key for ever; who is in     until here every other flush does the same
 *     is read from the run that is there             again, and finds the same runs
 */
import { createBatch, type LeftBehind } from './create-run.ts';
import { ask, type Asking } from './effects.ts';
import type { Member } from '../routing/member.ts';
import { SettlementLedger, type Settlements } from './settlement.ts';
import { timesOf, type WindowRules } from '../windows/window-rules.ts';
import type { SizedMember } from './window-effects.ts';
import { closeCovered, isTimerStored, type FlushTerms, type SealedWindow } from './seal-window.ts';
import { partBatchId, windowIdOf, type PartDeployment, type WindowPlace } from '../windows/window.ts';

export interface Flushing {
  /** Null when the window is done; else why it has to be flushed again. */
  readonly again: string | null;
  readonly settlements: Settlements;
}

/** Runs for all that the window holds, part by part; then it is marked and closed. */
export function* flushWindow(sealed: SealedWindow, terms: FlushTerms): Asking<Flushing> {
  const ledger = new SettlementLedger();
  const again =
    (yield* createParts(sealed, terms, ledger)) ??
    (yield* sendDeadLetters(sealed.members, ledger)) ??
    (yield* finish(sealed, terms, runIdsOf(ledger)));
  return { again, settlements: ledger.settlements };
}

/** Null when every event is in a run, or dead; else why not. */
function* createParts(
  { window, panes, members }: SealedWindow,
  terms: FlushTerms,
  ledger: SettlementLedger,
): Asking<string | null> {
  const first = panes.find(({ deployments }) => deployments.length > 0)?.deployments[0];
  let { deployments } = window;
  let remaining = members;
  for (let part = 0; remaining.length > 0;) {
    const { deploymentRef } = deployments.findLast(({ fromPart }) => fromPart <= part) ?? first ?? NOWHERE;
    const batchId = partBatchId(deploymentRef, windowIdOf(window), part);
    const left = yield* createPart(batchId, remaining, deploymentRef, terms, ledger);
    const unsettled = detailOfUnsettled(remaining, ledger);
    if (unsettled !== null) return unsettled;
    if (left.deploymentRef === deploymentRef) {
      const leftBehind = new Set(left.members.map(({ claimKey }) => claimKey));
      remaining = remaining.filter(({ claimKey }) => leftBehind.has(claimKey));
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
  { nowEpochMs, retentionSeconds, rules }: FlushTerms,
  ledger: SettlementLedger,
): Asking<LeftBehind> {
  const { records } = yield* ask({ kind: 'read-records', batchIds: [batchId] });
  const record = records.get(batchId);
  if (record !== undefined) {
    return { members: ledger.settleFrom(record, members, 'duplicate'), deploymentRef };
  }
  const claimsExpireAtEpochSeconds = Math.ceil(nowEpochMs / 1_000) + retentionSeconds;
  const terms = { deploymentRef, claimsExpireAtEpochSeconds, sentFirst: countWithinCaps(members, rules) };
  return yield* createBatch(batchId, members, terms, ledger);
}

/**
 * No run has the key of this part and none can get it, since its deployment is gone: it and those after it are created
 * for another, which is noted first, so that every flush goes the same way. Null when that is not certain.
 */
function* redirect(
  place: WindowPlace,
  from: readonly PartDeployment[],
  to: PartDeployment,
): Asking<readonly PartDeployment[] | null> {
  const { answer } = yield* ask({ kind: 'redirect-window', place, from, to });
  if (answer === 'moved') return [...from, to];
  if (answer === 'unclear') return null;
  const { windows } = yield* ask({ kind: 'read-windows', places: [place] });
  return windows.get(windowIdOf(place))?.deployments ?? null;
}

/** Null when they are stored, or none is needed. */
function* sendDeadLetters(
  members: readonly Member[],
  { settlements }: SettlementLedger,
): Asking<string | null> {
  const dead = members.flatMap((member) => {
    const settlement = settlements.get(member.claimKey);
    return settlement?.kind === 'dead' ? [{ ...settlement, member }] : [];
  });
  if (dead.length === 0) return null;
  const { areStored } = yield* ask({ kind: 'send-dead-letters', dead });
  return areStored ? null : 'a dead letter could not be stored';
}

/** Null when the window is marked as flushed. */
function* finish(
  { window, panes }: SealedWindow,
  terms: FlushTerms,
  flowRunIds: readonly string[],
): Asking<string | null> {
  const { line, sequence } = window;
  // The next overlapping window covers events of these, and may get none of its own that would set its timer.
  const goesOn = panes.some((pane) => pane.count > 0 && pane.sequence > sequence - terms.rules.panes + 1);
  if (goesOn) {
    const next = { line, sequence: sequence + 1 };
    const { dueEpochMs } = timesOf(next, terms.rules, terms.nowEpochMs);
    if (!(yield* isTimerStored(next, dueEpochMs, terms)))
      return 'the timer of the next window could not be set';
  }
  const { answer } = yield* ask({ kind: 'mark-flushed', place: window, flowRunIds });
  if (answer === 'unclear') return 'it may or may not have been marked as flushed';
  yield* closeCovered({ ...window, state: 'flushed' }, terms);
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
    if (settlement?.kind === 'again') return settlement.detail;
  }
  return null;
}

function runIdsOf({ settlements }: SettlementLedger): readonly string[] {
  const ids = [...settlements.values()].flatMap((each) => ('flowRunId' in each ? [each.flowRunId] : []));
  return [...new Set(ids)];
}

/** A window with events was opened for a deployment. */
const NOWHERE = { deploymentRef: '' };
