/** Performs the effects of a round over the ports: table effects share requests, Prefect gets one per run. */
import { mapWithConcurrency } from '../map-with-concurrency.ts';
import type { BatchRecordStore, ClaimStore } from '../ports.ts';
import type { EffectResult, Effect } from '../protocol/effects.ts';
import type { WindowEffect } from '../protocol/window-effects.ts';
import type { FlowRunEffect, FlowRunExecutor } from './prefect-executor.ts';
import type { PendingEffect } from './rounds.ts';

export interface ExecutorPorts<Subject> {
  readonly claims: ClaimStore;
  readonly records: BatchRecordStore;
  readonly flowRuns: FlowRunExecutor<Subject>;
  readonly windows: WindowExecutor<Subject>;
}

export interface WindowExecutor<Subject> {
  perform(subject: Subject, effect: WindowEffect): Promise<EffectResult>;
}

/** Enough to hide Prefect's latency, few enough not to be a burst (a create costs a server 20 ms of CPU). */
const MAX_CONCURRENT_REQUESTS = 8;

export class EffectExecutor<Subject> {
  readonly #ports: ExecutorPorts<Subject>;

  constructor(ports: ExecutorPorts<Subject>) {
    this.#ports = ports;
  }

  /** Return one result for each effect, in order; an Error for those that failed unexpectedly. */
  async runEffects(asked: readonly PendingEffect<Subject>[]): Promise<readonly (EffectResult | Error)[]> {
    const { claims, records } = this.#ports;
    const results = new Map<PendingEffect<Subject>, EffectResult | Error>();
    const settle = (each: PendingEffect<Subject>, result: EffectResult | Error): void => {
      results.set(each, result);
    };
    await Promise.all([
      pooled(ofKind(asked, 'insert-claims'), settle, ({ claims: items }) => items, {
        perform: (items) => claims.insertClaims(items),
        result: (results) => ({ kind: 'insert-claims', results: results }),
      }),
      pooled(ofKind(asked, 'move-claims'), settle, ({ moves }) => moves, {
        perform: (items) => claims.moveClaims(items),
        result: (results) => ({ kind: 'move-claims', results: results }),
      }),
      shared(ofKind(asked, 'read-claims'), settle, async (effects) => {
        const keys = new Set(effects.flatMap(({ claimKeys }) => claimKeys));
        const read = await claims.readClaims([...keys]);
        return () => ({ kind: 'read-claims', claims: read });
      }),
      shared(ofKind(asked, 'read-records'), settle, async (effects) => {
        const ids = new Set(effects.flatMap(({ batchIds }) => batchIds));
        const read = await records.readRecords([...ids]);
        return () => ({ kind: 'read-records', records: read });
      }),
      shared(ofKind(asked, 'write-record'), settle, async (effects) => {
        const byBatchId = new Map(effects.map(({ record }) => [record.batchId, record]));
        const unwritten = await records.writeRecords([...byBatchId.values()]);
        return ({ record }) => ({ kind: 'write-record', isWritten: !unwritten.has(record.batchId) });
      }),
      mapWithConcurrency(asked.filter(isPendingFlowRun), MAX_CONCURRENT_REQUESTS, async (each) => {
        settle(each, await orError(this.#ports.flowRuns.perform(each.subject, each.effect)));
      }),
      mapWithConcurrency(asked.filter(isPendingWindow), MAX_CONCURRENT_REQUESTS, async (each) => {
        settle(each, await orError(this.#ports.windows.perform(each.subject, each.effect)));
      }),
    ]);
    return asked.map((each) => results.get(each) ?? new Error(`${each.effect.kind} was not performed`));
  }
}

type PendingEffectOf<Subject, Kind extends Effect['kind']> = PendingEffect<Subject> & {
  readonly effect: Extract<Effect, { kind: Kind }>;
};

type Settle<Subject> = (each: PendingEffect<Subject>, result: EffectResult | Error) => void;

/** The items of all effects in one call; each effect gets the results of its own items. */
async function pooled<Subject, Kind extends Effect['kind'], Item, Result>(
  asked: readonly PendingEffectOf<Subject, Kind>[],
  settle: Settle<Subject>,
  itemsOf: (effect: Extract<Effect, { kind: Kind }>) => readonly Item[],
  {
    perform,
    result,
  }: {
    readonly perform: (items: readonly Item[]) => Promise<readonly Result[]>;
    readonly result: (results: readonly Result[]) => EffectResult;
  },
): Promise<void> {
  if (asked.length === 0) return;
  const results = await orError(perform(asked.flatMap(({ effect }) => itemsOf(effect))));
  let start = 0;
  for (const each of asked) {
    const end = start + itemsOf(each.effect).length;
    settle(each, results instanceof Error ? results : result(results.slice(start, end)));
    start = end;
  }
}

/** Perform all effects in one call, and give each effect its result. */
async function shared<Subject, Kind extends Effect['kind']>(
  asked: readonly PendingEffectOf<Subject, Kind>[],
  settle: Settle<Subject>,
  perform: (
    effects: readonly Extract<Effect, { kind: Kind }>[],
  ) => Promise<(effect: Extract<Effect, { kind: Kind }>) => EffectResult>,
): Promise<void> {
  if (asked.length === 0) return;
  const resultOf = await orError(perform(asked.map(({ effect }) => effect)));
  for (const each of asked) settle(each, resultOf instanceof Error ? resultOf : resultOf(each.effect));
}

function ofKind<Subject, Kind extends Effect['kind']>(
  asked: readonly PendingEffect<Subject>[],
  kind: Kind,
): readonly PendingEffectOf<Subject, Kind>[] {
  return asked.filter((each): each is PendingEffectOf<Subject, Kind> => each.effect.kind === kind);
}

const TABLE_KINDS: ReadonlySet<Effect['kind']> = new Set([
  'insert-claims',
  'move-claims',
  'read-claims',
  'read-records',
  'write-record',
]);

const FLOW_RUN_KINDS: ReadonlySet<Effect['kind']> = new Set([
  'create-run',
  'create-dead-run',
  'supersede-batch',
  'find-run',
  'resolve-deployment',
]);

function isPendingFlowRun<Subject>(
  each: PendingEffect<Subject>,
): each is PendingEffect<Subject> & { readonly effect: FlowRunEffect } {
  return FLOW_RUN_KINDS.has(each.effect.kind);
}

function isPendingWindow<Subject>(
  each: PendingEffect<Subject>,
): each is PendingEffect<Subject> & { readonly effect: WindowEffect } {
  const { kind } = each.effect;
  return !TABLE_KINDS.has(kind) && !FLOW_RUN_KINDS.has(kind);
}

async function orError<Result>(promise: Promise<Result>): Promise<Result | Error> {
  try {
    return await promise;
  } catch (error) {
    return error instanceof Error ? error : new Error('a non-Error value was thrown', { cause: error });
  }
}
