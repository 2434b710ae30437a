/** Brings windows to their end: seal, read, create, mark; many at once, within the invocation's time. */
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { Batch } from '../batching/batch.ts';
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { PrefectExecutor, type InvocationContext, type PrefectPorts } from './prefect-executor.ts';
import { EffectExecutor } from './effect-executor.ts';
import { canStartRound, runInRounds, type RunResult } from './rounds.ts';
import type { Settlements } from '../protocol/settlement.ts';
import type { BatchRecordStore, ClaimStore } from '../ports.ts';
import type { Route } from '../routing/route.ts';
import { FlushExecutor, type FlushPorts } from './flush-executor.ts';
import { flushWindow } from '../protocol/flush-window.ts';
import { sealWindow, type FlushContext, type SealedWindow } from '../protocol/seal-window.ts';
import { versionedRoutes, type VersionedRoute } from '../windows/versioned-routes.ts';
import { spanOf, windowRulesOf } from '../windows/window-rules.ts';
import type { RouteVersionStore } from '../windows/window-ports.ts';
import { windowIdOf, type WindowRef } from '../windows/window.ts';

export interface FlushingPorts extends FlushPorts, PrefectPorts {
  readonly claims: ClaimStore;
  readonly records: BatchRecordStore;
  readonly routeVersions: RouteVersionStore;
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

/** A window to flush, with the route that it was opened for. */
interface Flush {
  readonly request: FlushRequest;
  readonly route: Route;
  readonly context: FlushContext;
  /** Without events until the chunks are read. */
  readonly batch: Batch;
}

interface SealedFlush extends Flush {
  readonly sealed: SealedWindow;
}

/** A report for every request, in their order. */
export async function flushWindows(
  requests: readonly FlushRequest[],
  config: CompiledConfig,
  ports: FlushingPorts,
  context: InvocationContext,
): Promise<readonly FlushReport[]> {
  // A window that is asked for twice is flushed once.
  const unique = [...new Map(requests.map((request) => [windowIdOf(request.ref), request])).values()];
  const results = new Map<string, FlushResult>();
  const conclude = ({ ref }: FlushRequest, result: FlushResult): void => {
    results.set(windowIdOf(ref), result);
  };
  const versions = unique.map(({ routeVersion }) => routeVersion);
  const routes = await versionedRoutes(versions, config, ports.routeVersions);
  const flushes = unique.flatMap((request): Flush[] => {
    const found = routes.get(request.routeVersion);
    const flush = found === undefined ? null : toFlush(request, found, ports.clock.nowEpochMs());
    if (flush === null) conclude(request, { kind: 'retry', detail: 'its route cannot be read' });
    return flush === null ? [] : [flush];
  });

  const windows = new FlushExecutor(ports, config.hash);
  const performer = new EffectExecutor<Flush>({
    claims: ports.claims,
    records: ports.records,
    flowRuns: new PrefectExecutor(ports, context),
    windows: { perform: ({ route }, effect) => windows.perform(route.config.name, effect) },
  });
  const shouldContinue = (): boolean => canStartRound(context.deadline);

  const sealings = await runInRounds(
    flushes,
    (flush) => sealWindow(flush.request.ref, flush.context),
    (asked) => performer.runEffects(asked),
    shouldContinue,
  );
  const sealed: SealedFlush[] = [];
  for (const [index, flush] of flushes.entries()) {
    const ending = sealings[index];
    if (ending?.kind !== 'settled') conclude(flush.request, unsettled(ending));
    else if (ending.result.kind === 'sealed') sealed.push(withEvents(flush, ending.result.sealed, windows));
    else conclude(flush.request, ending.result);
  }

  const flushings = await runInRounds(
    sealed,
    (flush) => flushWindow(flush.sealed, flush.context),
    (asked) => performer.runEffects(asked),
    shouldContinue,
  );
  for (const [index, { request }] of sealed.entries()) {
    const ending = flushings[index];
    if (ending?.kind !== 'settled') {
      conclude(request, unsettled(ending));
      continue;
    }
    const { again, settlements } = ending.result;
    conclude(
      request,
      again === null ? { kind: 'flushed', settlements } : { kind: 'retry', detail: again, settlements },
    );
  }
  return requests.map((request) => ({
    request,
    result: results.get(windowIdOf(request.ref)) ?? unsettled(undefined),
  }));
}

/** Null for a route without windows. */
function toFlush(
  request: FlushRequest,
  { route, isDeployed }: VersionedRoute,
  nowEpochMs: number,
): Flush | null {
  const { coalesce, dedupe } = route.config;
  if (!isWindowing(coalesce)) return null;
  const { routeVersion } = request;
  const rules = windowRulesOf(coalesce);
  const context = { rules, routeVersion, isDeployed, nowEpochMs, retentionSeconds: dedupe.retentionSeconds };
  const batch = {
    route,
    events: [],
    destination: 'run',
    reason: coalesce.mode,
    span: null,
    parametersJson: null,
  } as const;
  return { request, route, context, batch };
}

function withEvents(flush: Flush, sealed: SealedWindow, windows: FlushExecutor): SealedFlush {
  const { window, panes, members } = sealed;
  const events = members.flatMap((member) => {
    const event = windows.eventOf(member.claimKey)?.event;
    return event === undefined ? [] : [{ event, member, groupKey: window.key, bypass: false }];
  });
  const span = {
    key: panes.find(({ key }) => key !== '')?.key ?? '',
    ...spanOf(window, flush.context.rules),
  };
  const batch = { ...flush.batch, events, reason: window.reason ?? flush.batch.reason, span };
  return { ...flush, sealed, batch };
}

function unsettled(ending: RunResult<unknown> | undefined): FlushResult {
  return {
    kind: 'retry',
    detail: ending?.kind === 'broke' ? ending.error.message : 'the invocation ran out of time',
  };
}
