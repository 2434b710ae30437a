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
import { ask, type Asking } from './effects.ts';
import type { Member } from '../routing/member.ts';
import type { SettlementLedger } from './settlement.ts';
import {
  capsOf,
  movedDue,
  nextPlace,
  timesOf,
  whyClosed,
  type WindowRules,
} from '../windows/window-rules.ts';
import {
  windowIdOf,
  type FlushReason,
  type Window,
  type WindowLine,
  type WindowPlace,
} from '../windows/window.ts';

export interface AppendTerms {
  readonly line: WindowLine;
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
  terms: AppendTerms,
  ledger: SettlementLedger,
): Asking<readonly Member[]> {
  const { line, rules, nowEpochMs, routeVersion } = terms;
  const bytes = members.reduce((sum, member) => sum + terms.bytesOf(member), 0);
  for (let step = 1; step <= MAX_STEPS; step++) {
    const { latest } = yield* ask({ kind: 'read-latest-window', line });
    const { sequence, window } = nextPlace(latest, rules, nowEpochMs);
    const place: WindowPlace = { line, sequence };
    const added = { count: members.length, bytes, routeVersion };
    const closing = window === null ? null : whyClosed(window, added, rules, nowEpochMs);
    if (closing !== null) {
      yield* sealAndFlush(place, closing, terms);
      continue;
    }
    if (window === null && !(yield* isTimerStored(place, terms))) {
      ledger.leave(members, 'timer-queue-unavailable', 'no timer could be set for its window');
      return [];
    }
    const { answer } = yield* ask({
      kind: 'append-chunk',
      ...appendTo(place, window, terms, added),
      batchId,
      members,
    });
    switch (answer) {
      case 'appended':
        ledger.settleFrom(chunkRecord(batchId, place, members), members, 'created');
        yield* closeIfFull(place, window, members, terms);
        return [];
      case 'chunk-exists':
        return yield* settleFromChunk(batchId, members, ledger);
      case 'window-moved':
      case 'unclear':
        // Sent again, to whatever window is open then: if it did happen, the chunk is found.
        continue;
    }
  }
  ledger.leave(members, 'window-busy', 'its window keeps moving');
  return [];
}

/** Nothing of this batch may come into a window any more: its route has none today. Returns whom it leaves behind. */
export function* voidBatch(
  batchId: string,
  members: readonly Member[],
  ledger: SettlementLedger,
): Asking<readonly Member[]> {
  const { answer } = yield* ask({ kind: 'void-chunk', batchId });
  if (answer !== 'unclear') return yield* settleFromChunk(batchId, members, ledger);
  ledger.leave(members, 'claim-unclear', 'its batch may or may not have been given up');
  return [];
}

function* settleFromChunk(
  batchId: string,
  members: readonly Member[],
  ledger: SettlementLedger,
): Asking<readonly Member[]> {
  const { records } = yield* ask({ kind: 'read-records', batchIds: [batchId] });
  const record = records.get(batchId);
  if (record !== undefined) return ledger.settleFrom(record, members, 'duplicate');
  ledger.leave(members, 'in-flight', 'its chunk vanished while it was read');
  return [];
}

function appendTo(
  place: WindowPlace,
  window: Window | null,
  { key, rules, routeVersion, deploymentRef, nowEpochMs }: AppendTerms,
  { count, bytes }: { readonly count: number; readonly bytes: number },
) {
  const caps = capsOf(rules);
  const opened = { ...place, key, routeVersion, ...timesOf(place, rules, nowEpochMs) };
  return {
    place,
    bytes,
    opens: window === null ? { ...opened, deploymentRef } : null,
    dueEpochMs: window === null ? opened.dueEpochMs : movedDue(window, rules, nowEpochMs),
    maxCountBefore: caps.maxEvents - count,
    maxBytesBefore: caps.maxBytes - bytes,
  };
}

function* closeIfFull(
  place: WindowPlace,
  window: Window | null,
  members: readonly Member[],
  terms: AppendTerms,
): Asking<void> {
  const isUrgent = members.some(({ claimKey }) => terms.urgent.has(claimKey));
  const isFull = (window?.count ?? 0) + members.length >= capsOf(terms.rules).maxEvents;
  if (isUrgent || isFull) yield* sealAndFlush(place, isUrgent ? 'bypass' : 'count', terms);
}

/** If the message gets lost, the window's timer is still there. */
function* sealAndFlush(place: WindowPlace, reason: FlushReason, terms: AppendTerms): Asking<void> {
  const { answer } = yield* ask({ kind: 'seal-window', place, reason });
  if (answer !== 'not-open') yield* sendTimer(place, terms.nowEpochMs, terms);
}

function* isTimerStored(place: WindowPlace, terms: AppendTerms): Asking<boolean> {
  const { dueEpochMs } = timesOf(place, terms.rules, terms.nowEpochMs);
  return yield* sendTimer(place, dueEpochMs, terms);
}

function* sendTimer(place: WindowPlace, dueEpochMs: number, { routeVersion }: AppendTerms): Asking<boolean> {
  const timer = { windowId: windowIdOf(place), place, routeVersion, dueEpochMs };
  const { isStored } = yield* ask({ kind: 'send-timer', timer });
  return isStored;
}

function chunkRecord(batchId: string, place: WindowPlace, members: readonly Member[]) {
  const memberIds = members.map(({ memberId }) => memberId);
  return { batchId, windowId: windowIdOf(place), members: memberIds, isClosed: false };
}
