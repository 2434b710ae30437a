/**
 * Add a claimed batch to a window (docs/protocol.md, Windows, `append`). The table is the sink instead of Prefect, and
 * the chunk is the batch's record: it is put if absent under the name of the batch, so a request that arrives late or
 * twice changes nothing, whatever window it was meant for.
 *
 *   time ──▶  read head and window ──▶ [send timer] ──▶ transaction: chunk + page + window [+ head]
 *                                       only to open     │
 *                       a crash here leaves a timer      a crash here leaves a window that its timer closes:
 *                       for a window that is not there   the timer is set before anything is in the window
 *
 * A worker that meets a window that is due, full, or of another version of the route seals it and opens the next.
 */
import type { Member } from '../routing/member.ts';
import {
  capsOf,
  closeReason,
  movedDue,
  nextWindowRef,
  pageOf,
  timesOf,
  type WindowRules,
} from '../windows/window-rules.ts';
import {
  windowIdOf,
  type FlushReason,
  type Window,
  type WindowRef,
  type WindowSeries,
} from '../windows/window.ts';
import { RECORD_OUTLIVES_CLAIM_SECONDS } from './create-run.ts';
import { perform, type Program } from './effects.ts';
import type { SettlementLedger } from './settlement.ts';

export interface AppendContext {
  readonly series: WindowSeries;
  /** The value of the route's `coalesce.key`. */
  readonly key: string;
  readonly rules: WindowRules;
  /** The route as it is deployed today. */
  readonly routeVersion: string;
  /** A window that is opened now is flushed to this deployment. */
  readonly deploymentRef: string;
  readonly nowEpochMs: number;
  readonly bytesOf: (member: Member) => number;
  /** Claim keys of events that do not wait: their window is closed at once. */
  readonly urgent: ReadonlySet<string>;
}

/** A batch that is added to a window. */
export interface Addition {
  readonly batchId: string;
  readonly members: readonly Member[];
  /** The latest expiry among the claims that name the batch: the chunk is its record and has to outlive them. */
  readonly claimsExpireAtEpochSeconds: number;
}

/** Sealed and full windows are stepped over this often, then redelivery takes over. */
const MAX_STEPS = 8;

/** Add the batch to a window, settle its members, and return those that its chunk excludes. */
export function* appendBatch(
  addition: Addition,
  context: AppendContext,
  ledger: SettlementLedger,
): Program<readonly Member[]> {
  const { batchId, members } = addition;
  const { series, rules, nowEpochMs, routeVersion } = context;
  const bytes = members.reduce((sum, member) => sum + context.bytesOf(member), 0);
  for (let step = 1; step <= MAX_STEPS; step++) {
    const { latest } = yield* perform({ kind: 'read-latest-window', series });
    const { sequence, window } = nextWindowRef(latest, rules, nowEpochMs);
    const ref: WindowRef = { series, sequence };
    const added = { count: members.length, bytes, routeVersion };
    const closing = window === null ? null : closeReason(window, added, rules, nowEpochMs);
    if (window !== null && closing !== null) {
      yield* sealAndFlush(ref, closing, window.routeVersion, context);
      continue;
    }
    if (window === null && !(yield* setTimer(ref, context))) {
      ledger.leave(members, 'timer-queue-unavailable', 'no timer could be set for its window');
      return [];
    }
    const { result } = yield* perform({
      kind: 'append-chunk',
      ...appendTo(ref, window, context, added),
      batchId,
      members,
      keepUntilEpochSeconds: addition.claimsExpireAtEpochSeconds + RECORD_OUTLIVES_CLAIM_SECONDS,
    });
    switch (result) {
      case 'appended':
        ledger.settleFrom(chunkRecord(batchId, ref, members), members, 'created');
        yield* closeIfFull(ref, window, members, context);
        return [];
      case 'chunk-exists':
        return yield* settleFromChunk(batchId, members, ledger);
      case 'window-moved':
      case 'indeterminate':
        // Sent again, to whatever window is open then: if it did happen, the chunk is found.
        continue;
    }
  }
  ledger.leave(members, 'window-contention', 'too many concurrent changes of its window');
  return [];
}

/** Settle a batch whose route has no windows today: nothing of it may be added to one. Return whom it excludes. */
export function* abandonBatch(
  batchId: string,
  members: readonly Member[],
  ledger: SettlementLedger,
): Program<readonly Member[]> {
  const { result } = yield* perform({ kind: 'abandon-batch', batchId });
  if (result !== 'indeterminate') return yield* settleFromChunk(batchId, members, ledger);
  ledger.leave(members, 'claim-indeterminate', 'its batch may or may not have been abandoned');
  return [];
}

function* settleFromChunk(
  batchId: string,
  members: readonly Member[],
  ledger: SettlementLedger,
): Program<readonly Member[]> {
  const { records } = yield* perform({ kind: 'read-records', batchIds: [batchId] });
  const record = records.get(batchId);
  if (record !== undefined) return ledger.settleFrom(record, members, 'duplicate');
  ledger.leave(members, 'in-flight', 'its chunk vanished while it was read');
  return [];
}

function appendTo(
  ref: WindowRef,
  window: Window | null,
  { key, rules, routeVersion, deploymentRef, nowEpochMs }: AppendContext,
  { count, bytes }: { readonly count: number; readonly bytes: number },
) {
  const { maxEvents, maxBytes } = capsOf(rules);
  const opened = { ...ref, key, routeVersion, ...timesOf(ref, rules, nowEpochMs) };
  // The append that fills the window has to know it, and a transaction does not return the new count. So an addition that does
  // not fill it by the count that was read may not fill it by the count that is there either: it is read again then.
  const fills = (window?.count ?? 0) + count >= maxEvents;
  return {
    ref,
    bytes,
    page: pageOf(window?.additions ?? 0),
    opens: window === null ? { ...opened, deploymentRef } : null,
    dueEpochMs: window === null ? opened.dueEpochMs : movedDue(window, rules, nowEpochMs),
    maxCountBefore: maxEvents - count - (fills ? 0 : 1),
    maxBytesBefore: maxBytes - bytes,
  };
}

function* closeIfFull(
  ref: WindowRef,
  window: Window | null,
  members: readonly Member[],
  context: AppendContext,
): Program<void> {
  const isUrgent = members.some(({ claimKey }) => context.urgent.has(claimKey));
  const isFull = (window?.count ?? 0) + members.length >= capsOf(context.rules).maxEvents;
  if (!isUrgent && !isFull) return;
  const routeVersion = window?.routeVersion ?? context.routeVersion;
  yield* sealAndFlush(ref, isUrgent ? 'bypass' : 'count', routeVersion, context);
}

/** If the message gets lost, the window's timer is still there. */
function* sealAndFlush(
  ref: WindowRef,
  reason: FlushReason,
  routeVersion: string,
  { nowEpochMs }: AppendContext,
): Program<void> {
  const { result } = yield* perform({ kind: 'seal-window', ref, reason, flushLeaseEpochMs: null });
  if (result !== 'not-open') yield* sendTimer(ref, nowEpochMs, routeVersion);
}

function* setTimer(ref: WindowRef, { rules, nowEpochMs, routeVersion }: AppendContext): Program<boolean> {
  return yield* sendTimer(ref, timesOf(ref, rules, nowEpochMs).dueEpochMs, routeVersion);
}

export function* sendTimer(ref: WindowRef, dueEpochMs: number, routeVersion: string): Program<boolean> {
  const timer = { windowId: windowIdOf(ref), ref, routeVersion, dueEpochMs };
  const { isStored } = yield* perform({ kind: 'send-timer', timer });
  return isStored;
}

function chunkRecord(batchId: string, ref: WindowRef, members: readonly Member[]) {
  const memberIds = members.map(({ memberId }) => memberId);
  return {
    kind: 'chunk',
    batchId,
    windowId: windowIdOf(ref),
    members: memberIds,
    isClosed: false,
  } as const;
}
