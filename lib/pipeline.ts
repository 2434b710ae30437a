/**
 * The pipeline, in one sentence: decode → route → deduplicate → batch → settle → dead-letter.
 *
 * Records come from a source (those of HTTP sources were verified by `ingest.ts`, before they reached a queue). Each step
 * passes on what goes further, and concludes the rest with an outcome: trouble with data is a value, and exceptions are
 * reserved for bugs and infrastructure failures.
 *
 * Settling is one protocol (docs/protocol.md). A claim says which batch an event belongs to, so batches are formed
 * first. A batch becomes a flow run in Prefect, or is added to a window in the table whose flow runs follow
 * (`executor/flush-windows.ts`).
 */
import { formBatches, type Batch } from './batching/batch.ts';
import type { CompiledConfig, CompiledSource } from './compiled-config/compiled.ts';
import { rejectionCodeOf } from './dead-letters/dead-letter.ts';
import { sendDeadLetters } from './dead-letters/send-dead-letters.ts';
import type { ReceivedRecord } from './event/record.ts';
import { LONGEST_WAIT_MS } from './executor/admit-work.ts';
import { settleBatches, type SettlePorts } from './executor/settle-batches.ts';
import type { EventOutcome, Outcome } from './outcome.ts';
import type { Deadline, DeadLetterQueue } from './ports.ts';
import type { Settlement } from './protocol/settlement.ts';
import { matchRoutes, type RemovedRoute } from './routing/match-routes.ts';
import type { FilterCounts } from './routing/filter-counts.ts';
import { NoRouteMatched } from './routing/unmet-filter.ts';
import { dedupeWithinInvocation, type ArrivedEvent, type RoutedRecord } from './routing/routed-record.ts';
import type { Route } from './routing/route.ts';
import { queueSourceAdapter, type DecodedRecord, type SourceAdapter } from './sources/source-adapter.ts';
import { settleInOrder } from './strict-order.ts';

export interface Pipeline {
  /** ARN of the table that keeps the claims: part of every batch id. */
  readonly installation: string;
  readonly config: CompiledConfig;
  readonly source: CompiledSource;
  readonly routes: readonly Route[];
  /** Reads which routes of this source were removed lately; kept after the first time. Default: none were. */
  readonly readRemovedRoutes?: () => Promise<readonly RemovedRoute[]>;
  readonly ports: SettlePorts & { readonly deadLetters: DeadLetterQueue };
  /** What this kind of source does in its own way. Default: that of a queue. */
  readonly adapter?: SourceAdapter;
  /** Takes how many events the filter of each route left out. Default: they are not counted. */
  readonly filterCounts?: FilterCounts;
}

/** Run records through the pipeline. Returns at least one outcome for every record. */
export async function runPipeline(
  records: readonly ReceivedRecord[],
  pipeline: Pipeline,
  deadline: Deadline,
): Promise<readonly EventOutcome[]> {
  const outcomes = await settleInOrder(records, {
    plan: (planned) => planPipeline(planned, pipeline, deadline),
    settle: async ({ batches, concluded, filteredByRoute }) => {
      pipeline.filterCounts?.add(filteredByRoute);
      return [...concluded, ...(await settle(batches, pipeline, deadline))];
    },
  });
  return deadLetter(outcomes, pipeline);
}

/** What planning needs: no table, no queue and no Prefect. */
export type PlanningPipeline = Pick<
  Pipeline,
  'config' | 'source' | 'routes' | 'readRemovedRoutes' | 'adapter'
>;

export interface PipelinePlan {
  readonly batches: readonly Batch<RoutedRecord>[];
  /** Outcomes of what never becomes part of a batch. */
  readonly concluded: readonly EventOutcome[];
  /** How many events the filter of each route left out; routes that left out none are not in it. */
  readonly filteredByRoute: ReadonlyMap<string, number>;
}

/** Plan what would become of the records, up to where the table and Prefect are asked: nothing has happened yet. */
export async function planPipeline(
  records: readonly ReceivedRecord[],
  pipeline: PlanningPipeline,
  deadline: Deadline,
): Promise<PipelinePlan> {
  const decoded = await decode(records, pipeline, deadline);
  const routed = route(decoded.passed, pipeline, (await pipeline.readRemovedRoutes?.()) ?? []);
  const batched = batch(deduplicate(routed.passed));
  return {
    batches: batched.passed,
    concluded: [...decoded.concluded, ...routed.concluded, ...batched.concluded],
    filteredByRoute: routed.filteredByRoute,
  };
}

/** Each step passes on what goes further and concludes the rest. */
interface Step<Passed> {
  readonly passed: readonly Passed[];
  readonly concluded: readonly EventOutcome[];
}

async function decode(
  records: readonly ReceivedRecord[],
  pipeline: PlanningPipeline,
  deadline: Deadline,
): Promise<Step<ArrivedEvent>> {
  const passed: ArrivedEvent[] = [];
  const concluded: EventOutcome[] = [];
  const decodedRecords = await adapterOf(pipeline).decodeRecords(records, deadline);
  for (const [index, record] of records.entries()) {
    const decoded = decodedRecords[index];
    if (decoded?.kind === 'events' && decoded.events.length > 0) {
      passed.push(...decoded.events.map((event) => ({ record, event })));
    } else {
      concluded.push({ record, event: null, outcome: undecodedOutcome(decoded) });
    }
  }
  return { passed, concluded };
}

function undecodedOutcome(decoded: DecodedRecord | undefined): Outcome {
  switch (decoded?.kind) {
    case undefined:
      return { kind: 'retry', code: 'internal-error', detail: 'internal error: the record was not decoded' };
    case 'events':
      // An empty batch of events is a record that owes nothing.
      return { kind: 'filtered', reason: 'no-events' };
    case 'rejected':
      return { kind: 'dead-lettered', ...decoded.rejection };
    case 'undecided':
      return { kind: 'retry', code: 'schema-registry-unavailable', detail: decoded.detail };
  }
}

function route(
  arrived: readonly ArrivedEvent[],
  { routes }: PlanningPipeline,
  removedRoutes: readonly RemovedRoute[],
): Step<RoutedRecord> & Pick<PipelinePlan, 'filteredByRoute'> {
  const passed: RoutedRecord[] = [];
  const concluded: EventOutcome[] = [];
  const filteredByRoute = new Map<string, number>();
  for (const each of arrived) {
    const { routed, rejected, unmatched } = matchRoutes(each, routes, removedRoutes);
    for (const { config } of unmatched) {
      filteredByRoute.set(config.name, (filteredByRoute.get(config.name) ?? 0) + 1);
    }
    passed.push(...routed);
    for (const { route: name, rejection } of rejected) {
      concluded.push({ ...each, outcome: { kind: 'dead-lettered', route: name, ...rejection } });
    }
    if (routed.length === 0 && rejected.length === 0) {
      concluded.push({ ...each, outcome: new NoRouteMatched(each.event, unmatched) });
    }
  }
  return { passed, concluded, filteredByRoute };
}

/** Join deliveries of the same event in this invocation. The table finds all other duplicates, when its batch is settled. */
function deduplicate(routed: readonly RoutedRecord[]): readonly RoutedRecord[] {
  return dedupeWithinInvocation(routed);
}

function batch(routed: readonly RoutedRecord[]): Step<Batch<RoutedRecord>> {
  const byRoute = Map.groupBy(routed, (each) => each.route);
  const formed = [...byRoute].map(([each, events]) => formBatches(each, events));
  return {
    passed: formed.flatMap(({ batches }) => batches),
    concluded: formed.flatMap(({ rejected }) =>
      rejected.flatMap(({ routed: each, rejection }) =>
        conclude(each, { kind: 'dead-lettered', route: each.route.config.name, ...rejection }),
      ),
    ),
  };
}

/** Claim the events of each batch, and create its flow run or add it to a window (docs/protocol.md). */
async function settle(
  batches: readonly Batch<RoutedRecord>[],
  { installation, config, source, ports }: Pipeline,
  deadline: Deadline,
): Promise<readonly EventOutcome[]> {
  const { requestTimeoutMs } = config.prefect;
  const settled = await settleBatches(batches, ports, {
    installation,
    configHash: config.hash,
    sourceName: source.name,
    longestWaitMs: source.type === 'kafka' ? LONGEST_WAIT_MS.topic : LONGEST_WAIT_MS.queue,
    requestTimeoutMs,
    deadline,
  });
  return settled.flatMap(({ routed, settlement }) =>
    conclude(routed, toOutcome(routed.route.config.name, settlement)),
  );
}

/** Send the dead letters, before any of their records is acknowledged. One that could not be stored is a retry. */
async function deadLetter(
  outcomes: readonly EventOutcome[],
  pipeline: Pipeline,
): Promise<readonly EventOutcome[]> {
  return sendDeadLetters(adapterOf(pipeline).deferDeadLetters(outcomes), pipeline);
}

function adapterOf({ adapter, source, config }: PlanningPipeline): SourceAdapter {
  return adapter ?? queueSourceAdapter(source, config.limits);
}

function toOutcome(route: string, settlement: Settlement): Outcome {
  switch (settlement.kind) {
    case 'created':
    case 'held':
    case 'duplicate':
    case 'retry':
      return { ...settlement, route };
    case 'dead-lettered': {
      const { batchId, flowRunId, deadCode, reason: detail } = settlement;
      const code = rejectionCodeOf(deadCode);
      return { kind: 'dead-lettered', route, batchId, flowRunId, code, detail };
    }
  }
}

/** Repeats of an event share its outcome, except that they created and added nothing. */
function conclude(
  { record, event, member: { claimKey }, repeats }: RoutedRecord,
  outcome: Outcome,
): readonly EventOutcome[] {
  const isFirst = outcome.kind === 'created' || outcome.kind === 'held';
  const repeated: Outcome = isFirst ? { ...outcome, kind: 'duplicate' } : outcome;
  return [
    { record, event, claimKey, outcome },
    ...repeats.map((repeat) => ({ ...repeat, claimKey, outcome: repeated })),
  ];
}
