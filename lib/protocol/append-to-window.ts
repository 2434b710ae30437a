/**
 * Puts a claimed batch into a window: section 2 `append` of the claim protocol. The table is the sink instead of
 * Prefect, and the chunk is the batch's record: it is put if absent, under the name of the batch, so a request that
 * comes late or twice changes nothing, whatever window it was meant for.
 *
 *   time ──▶  read head and window ──▶ [send timer] ──▶ transaction: chunk + window [+ head]
 *                                       only to open     │
 *                       a crash here leaves a timer      here, a window that its timer closes: before anything
 *                       for a window that is not there   is in a window there is a timer for it
 *
 * A window that is due, full, or of another version of the route is sealed by whoever meets it, and the next is opened.
 */
import { perform, type Program } from './effects.ts';
import type { Member } from '../routing/member.ts';
import type { SettlementLedger } from './settlement.ts';
import {
  capsOf,
  movedDue,
  nextWindowRef,
  timesOf,
  closeReason,
  type WindowRules,
} from '../windows/window-rules.ts';
import {
  windowIdOf,
  type FlushReason,
  type Window,
  type WindowSeries,
  type WindowRef,
} from '../windows/window.ts';

export interface AppendContext {
  readonly series: WindowSeries;
  /** What the route's `coalesce.key` gave. */
  readonly key: string;
  readonly rules: WindowRules;
  /** The route as it is today. */
  readonly routeVersion: string;
  /** What a window that is opened now is flushed to. */
  readonly deploymentRef: string;
  readonly nowEpochMs: number;
  readonly bytesOf: (member: Member) => number;
  /** Claim keys of events that do not wait: their window is closed at once. */
  readonly urgent: ReadonlySet<string>;
}

/** Sealed and full windows are stepped over this often, then redelivery takes over. */
const MAX_STEPS = 8;

/** Adds the batch to a window; settles its members, and returns those that its chunk left behind. */
export function* appendBatch(
  batchId: string,
  members: readonly Member[],
  context: AppendContext,
  ledger: SettlementLedger,
): Program<readonly Member[]> {
  const { series, rules, nowEpochMs, routeVersion } = context;
  const bytes = members.reduce((sum, member) => sum + context.bytesOf(member), 0);
  for (let step = 1; step <= MAX_STEPS; step++) {
    const { latest } = yield* perform({ kind: 'read-latest-window', series });
    const { sequence, window } = nextWindowRef(latest, rules, nowEpochMs);
    const ref: WindowRef = { series, sequence };
    const added = { count: members.length, bytes, routeVersion };
    const closing = window === null ? null : closeReason(window, added, rules, nowEpochMs);
    if (closing !== null) {
      yield* sealAndFlush(ref, closing, context);
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
  ledger.leave(members, 'window-contention', 'its window keeps moving');
  return [];
}

/** Nothing of this batch may come into a window any more: its route has none today. Returns whom it leaves behind. */
export function* abandonBatch(
  batchId: string,
  members: readonly Member[],
  ledger: SettlementLedger,
): Program<readonly Member[]> {
  const { result } = yield* perform({ kind: 'abandon-batch', batchId });
  if (result !== 'indeterminate') return yield* settleFromChunk(batchId, members, ledger);
  ledger.leave(members, 'claim-indeterminate', 'its batch may or may not have been given up');
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
  const caps = capsOf(rules);
  const opened = { ...ref, key, routeVersion, ...timesOf(ref, rules, nowEpochMs) };
  return {
    ref,
    bytes,
    opens: window === null ? { ...opened, deploymentRef } : null,
    dueEpochMs: window === null ? opened.dueEpochMs : movedDue(window, rules, nowEpochMs),
    maxCountBefore: caps.maxEvents - count,
    maxBytesBefore: caps.maxBytes - bytes,
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
  if (isUrgent || isFull) yield* sealAndFlush(ref, isUrgent ? 'bypass' : 'count', context);
}

/** If the message gets lost, the window's timer is still there. */
function* sealAndFlush(ref: WindowRef, reason: FlushReason, context: AppendContext): Program<void> {
  const { result } = yield* perform({ kind: 'seal-window', ref, reason });
  if (result !== 'not-open') yield* sendTimer(ref, context.nowEpochMs, context);
}

function* setTimer(ref: WindowRef, context: AppendContext): Program<boolean> {
  const { dueEpochMs } = timesOf(ref, context.rules, context.nowEpochMs);
  return yield* sendTimer(ref, dueEpochMs, context);
}

function* sendTimer(ref: WindowRef, dueEpochMs: number, { routeVersion }: AppendContext): Program<boolean> {
  const timer = { windowId: windowIdOf(ref), ref, routeVersion, dueEpochMs };
  const { isStored } = yield* perform({ kind: 'send-timer', timer });
  return isStored;
}

function chunkRecord(batchId: string, ref: WindowRef, members: readonly Member[]) {
  const memberIds = members.map(({ memberId }) => memberId);
  return { kind: 'chunk', batchId, windowId: windowIdOf(ref), members: memberIds, isClosed: false } as const;
}
