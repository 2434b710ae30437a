/**
 * Brings a window to its end: section 2 `flush` of the claim protocol.
 *
 *   time ──▶  seal ──▶ read chunks ──▶ run w.0 ──▶ run w.1 … ──▶ mark flushed ──▶ expire chunks, close
 *             │                        │                          │
 *     only now is it certain      each under its own key for   until here every other flush does the same
 *     that nothing more comes     ever; who is in is read      again, and finds the same runs
 *                                 from the run that is there
 */
import { createBatch, type LeftBehind } from '../idempotency/creation.ts';
import { ask, type Asking } from '../idempotency/effect.ts';
import type { Member } from '../idempotency/identity.ts';
import { SettlementLedger, type Settlements } from '../idempotency/settlement.ts';
import { dueReason, timesOf, type WindowRules } from './window-rules.ts';
import type { ChunkMembers } from './effect.ts';
import {
  partBatchId,
  windowIdOf,
  type FlushReason,
  type PartDeployment,
  type Window,
  type WindowPlace,
} from './window.ts';

export interface FlushTerms {
  readonly rules: WindowRules;
  readonly routeVersion: string;
  /** Whether the route is still deployed as it was: what waits for a route that is not waits no longer. */
  readonly isDeployed: boolean;
  readonly nowEpochMs: number;
  /** How long claims of the route are kept. */
  readonly retainSeconds: number;
}

export interface SealedWindow {
  readonly window: Window;
  /** The windows whose events it covers, oldest first, itself the last: one, unless windows overlap. */
  readonly panes: readonly Window[];
  /** In the order of arrival. */
  readonly members: readonly Member[];
}

export type Sealing =
  | { readonly kind: 'sealed'; readonly sealed: SealedWindow }
  | { readonly kind: 'not-due'; readonly dueEpochMs: number }
  /** Flushed and closed, now or before. */
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly detail: string };

const MAX_STEPS = 6;

/** The window sealed, and what it holds; or why it is not time for it. */
export function* sealWindow(place: WindowPlace, terms: FlushTerms): Asking<Sealing> {
  for (let step = 1; step <= MAX_STEPS; step++) {
    const panes = yield* readPanes(place, terms.rules);
    const window = panes.find(({ sequence }) => sequence === place.sequence);
    if (window?.state === 'flushed') {
      yield* close(window, panes, terms);
      return { kind: 'done' };
    }
    const dueEpochMs = window?.dueEpochMs ?? dueIfAbsent(place, terms);
    const isSealed = window?.state === 'sealed';
    if (!isSealed && dueEpochMs > terms.nowEpochMs && isWaiting(terms)) {
      return (yield* isTimerStored(place, dueEpochMs, terms))
        ? { kind: 'not-due', dueEpochMs }
        : { kind: 'again', detail: 'its timer could not be set again' };
    }
    const open = panes.filter(({ state }) => state === 'open');
    if (window !== undefined && open.length === 0) return yield* readSealed(window, panes);
    // Whoever is about to open it found a timer that is used up now: it must not be opened any more.
    if (window === undefined) yield* ask({ kind: 'burn-window', place, routeVersion: terms.routeVersion });
    for (const each of open) {
      yield* ask({ kind: 'seal-window', place: each, reason: whySealed(each, terms) });
    }
  }
  return { kind: 'again', detail: 'it could not be sealed' };
}

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
      remaining = left.members;
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
  members: readonly Member[],
  deploymentRef: string,
  { nowEpochMs, retainSeconds, rules }: FlushTerms,
  ledger: SettlementLedger,
): Asking<LeftBehind> {
  const { records } = yield* ask({ kind: 'read-records', batchIds: [batchId] });
  const record = records.get(batchId);
  if (record !== undefined) {
    return { members: ledger.settleFrom(record, members, 'duplicate'), deploymentRef };
  }
  const claimsExpireAtEpochSeconds = Math.ceil(nowEpochMs / 1_000) + retainSeconds;
  const terms = { deploymentRef, claimsExpireAtEpochSeconds, maxEvents: rules.maxEvents };
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
  yield* close(window, panes, terms);
  return null;
}

/** What no window covers any more may expire. May be done again, and is, when a flush ended before it. */
function* close(window: Window, panes: readonly Window[], terms: FlushTerms): Asking<void> {
  const expiresAtEpochSeconds =
    Math.ceil(terms.nowEpochMs / 1_000) + terms.retainSeconds + OUTLIVES_CLAIMS_SECONDS;
  const last = window.sequence - terms.rules.panes + 1;
  for (const pane of panes) {
    if (pane.sequence !== last && (pane.sequence !== window.sequence || pane.count > 0)) continue;
    const { chunkIds } = pane;
    if (chunkIds.length > 0) {
      yield* ask({ kind: 'expire-chunks', batchIds: chunkIds, expiresAtEpochSeconds });
    }
    yield* ask({ kind: 'close-window', place: pane, expiresAtEpochSeconds });
  }
}

/** Strongly consistent, oldest first; those that were never opened are left out. */
function* readPanes({ line, sequence }: WindowPlace, { panes }: WindowRules): Asking<readonly Window[]> {
  const places = Array.from({ length: panes }, (_, index) => ({
    line,
    sequence: sequence - panes + 1 + index,
  }));
  const { windows } = yield* ask({ kind: 'read-windows', places });
  return places.flatMap((place) => windows.get(windowIdOf(place)) ?? []);
}

function* readSealed(window: Window, panes: readonly Window[]): Asking<Sealing> {
  const batchIds = panes.flatMap(({ chunkIds }) => chunkIds);
  const chunks =
    batchIds.length === 0
      ? new Map<string, ChunkMembers>()
      : (yield* ask({ kind: 'read-chunks', batchIds })).chunks;
  const missing = batchIds.find((batchId) => !chunks.has(batchId));
  if (missing !== undefined) return { kind: 'again', detail: `its chunk ${missing} is not there` };
  const inOrder = [...chunks.values()].sort((one, other) => one.appendedAtEpochMs - other.appendedAtEpochMs);
  const members = inOrder.flatMap((chunk) => chunk.members);
  return { kind: 'sealed', sealed: { window, panes, members } };
}

function* isTimerStored(
  place: WindowPlace,
  dueEpochMs: number,
  { routeVersion }: FlushTerms,
): Asking<boolean> {
  const timer = { windowId: windowIdOf(place), place, routeVersion, dueEpochMs };
  const { isStored } = yield* ask({ kind: 'send-timer', timer });
  return isStored;
}

/** A pane ends by the clock, whether or not it was opened. */
function dueIfAbsent(place: WindowPlace, { rules, nowEpochMs }: FlushTerms): number {
  return rules.paneMs === null ? nowEpochMs : timesOf(place, rules, nowEpochMs).dueEpochMs;
}

/** Panes end by the clock even when their route is not deployed any more. */
function isWaiting({ isDeployed, rules }: FlushTerms): boolean {
  return isDeployed || rules.paneMs !== null;
}

function whySealed(window: Window, { nowEpochMs }: FlushTerms): FlushReason {
  return window.dueEpochMs <= nowEpochMs ? dueReason(window) : 'route-changed';
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

/** Chunks outlive the claims that point to them by this much, whatever two clocks disagree on. */
const OUTLIVES_CLAIMS_SECONDS = 86_400;
