/** Flush many windows at once, within the invocation's time: seal, read, create runs, mark. */
import type { Held } from '../budget/request-budget.ts';
import { hasTimeFor } from '../deadline.ts';
import { admitWork, LONGEST_WAIT_MS, type WorkBudget } from './admit-work.ts';
import type { Batch } from '../batching/batch.ts';
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import {
  PrefectExecutor,
  type FlowRunEffect,
  type InvocationContext,
  type PrefectPorts,
} from './prefect-executor.ts';
import { MisplacedEffectError } from './seal-and-timer-effects.ts';
import type { WindowEffect } from '../protocol/window-effects.ts';
import { EffectExecutor } from './effect-executor.ts';
import { runInRounds, type RunResult } from './rounds.ts';
import type { Settlements } from '../protocol/settlement.ts';
import type { BatchRecordStore, ClaimStore } from '../ports.ts';
import { FlushExecutor, type FlushPorts } from './flush-executor.ts';
import { flushWindow } from '../protocol/flush-window.ts';
import { sealWindow, type FlushContext, type SealedWindow } from '../protocol/seal-window.ts';
import { VersionedRoutes } from '../windows/versioned-routes.ts';
import { spanOf } from '../windows/window-rules.ts';
import type { RouteVersionStore } from '../windows/window-ports.ts';
import { windowIdOf, type WindowRef } from '../windows/window.ts';

export interface FlushingPorts extends FlushPorts, PrefectPorts {
  readonly claims: ClaimStore;
  readonly records: BatchRecordStore;
  readonly routeVersions: RouteVersionStore;
  /** Default: nothing is held back. */
  readonly budget?: WorkBudget;
}

export interface FlushRequest {
  readonly ref: WindowRef;
  readonly routeVersion: string;
}

export interface FlushReport {
  readonly request: FlushRequest;
  readonly result: FlushResult;
}

export type FlushResult =
  | { readonly kind: 'flushed'; readonly settlements: Settlements }
  /** A timer was set again. */
  | { readonly kind: 'not-due' }
  /** Done before. */
  | { readonly kind: 'done' }
  /** Has to be asked for again. */
  | { readonly kind: 'retry'; readonly detail: string; readonly settlements?: Settlements };

interface SealedFlush {
  readonly request: FlushRequest;
  readonly sealed: SealedWindow;
  readonly batch: Batch;
}

/** Flush windows, and return a report for every request, in their order. */
export async function flushWindows(
  requests: readonly FlushRequest[],
  config: CompiledConfig,
  ports: FlushingPorts,
  context: InvocationContext,
): Promise<readonly FlushReport[]> {
  // A window that is asked for twice is flushed once.
  const asked = [...new Map(requests.map((request) => [windowIdOf(request.ref), request])).values()];
  // A window that has to wait is not begun: neither sealed nor leased.
  const { admitted: unique, held } = await admitWork(
    asked,
    ports.budget,
    LONGEST_WAIT_MS.queue,
    context.deadline,
  );
  const results = new Map<string, FlushResult>();
  const conclude = ({ ref }: FlushRequest, result: FlushResult): void => {
    results.set(windowIdOf(ref), result);
  };
  const routes = new VersionedRoutes(config, ports.routeVersions);
  const windows = new FlushExecutor(ports, routes, config.hash);
  const executorPorts = {
    claims: ports.claims,
    records: ports.records,
    windows: { perform: (_: unknown, effect: WindowEffect) => windows.perform(effect) },
  };
  const contextOf = ({ routeVersion }: FlushRequest): FlushContext => {
    const nowEpochMs = ports.clock.nowEpochMs();
    const leaseUntilEpochMs = nowEpochMs + context.deadline.remainingMs();
    return {
      installation: context.installation,
      requestedVersion: routeVersion,
      nowEpochMs,
      leaseUntilEpochMs,
    };
  };
  const shouldContinue = (): boolean => hasTimeFor('round', context.deadline);

  const sealing = new EffectExecutor<FlushRequest>({ ...executorPorts, flowRuns: NO_FLOW_RUNS });
  const sealings = await runInRounds(
    unique,
    (request) => sealWindow(request.ref, contextOf(request)),
    (pending) => sealing.runEffects(pending),
    shouldContinue,
  );
  const sealed: SealedFlush[] = [];
  for (const [index, request] of unique.entries()) {
    const end = sealings[index];
    if (end?.kind !== 'done') conclude(request, unfinished(end));
    else if (end.result.kind === 'sealed') {
      const batch = await batchOf(end.result.sealed, routes, windows);
      if (batch === null) conclude(request, { kind: 'retry', detail: 'its route version cannot be read' });
      else sealed.push({ request, sealed: end.result.sealed, batch });
    } else conclude(request, end.result);
  }

  const flushing = new EffectExecutor<SealedFlush>({
    ...executorPorts,
    flowRuns: new PrefectExecutor(ports, context),
  });
  const flushes = await runInRounds(
    sealed,
    (flush) => flushWindow(flush.sealed, contextOf(flush.request)),
    (pending) => flushing.runEffects(pending),
    shouldContinue,
  );
  for (const [index, { request }] of sealed.entries()) {
    const end = flushes[index];
    if (end?.kind !== 'done') {
      conclude(request, unfinished(end));
      continue;
    }
    const { retryReason, settlements } = end.result;
    conclude(
      request,
      retryReason === null
        ? { kind: 'flushed', settlements }
        : { kind: 'retry', detail: retryReason, settlements },
    );
  }
  return requests.map((request) => ({
    request,
    result: results.get(windowIdOf(request.ref)) ?? waitingFor(held),
  }));
}

/** A window is sealed without asking Prefect. */
const NO_FLOW_RUNS = {
  perform: (_: unknown, { kind }: FlowRunEffect) => Promise.reject(new MisplacedEffectError(kind, 'seal')),
};

/** The events of a sealed window, with the route that it was opened under; null when that cannot be read. */
async function batchOf(
  { window, panes, members, route: { version, rules } }: SealedWindow,
  routes: VersionedRoutes,
  windows: FlushExecutor,
): Promise<Batch | null> {
  const found = await routes.find(version);
  if (found === null) return null;
  const events = members.flatMap((member) => {
    const event = windows.eventOf(member.claimKey)?.event;
    return event === undefined ? [] : [{ event, member, groupKey: window.key, bypass: false }];
  });
  const span = { key: panes.find(({ key }) => key !== '')?.key ?? '', ...spanOf(window, rules) };
  const reason = window.reason ?? found.route.config.coalesce.mode;
  return { route: found.route, events, destination: 'run', reason, span, parametersJson: null };
}

function waitingFor(held: Held | null): FlushResult {
  return held === null ? unfinished(undefined) : { kind: 'retry', detail: held.detail };
}

function unfinished(end: RunResult<unknown> | undefined): FlushResult {
  return {
    kind: 'retry',
    detail: end?.kind === 'failed' ? end.error.message : 'the invocation ran out of time',
  };
}
