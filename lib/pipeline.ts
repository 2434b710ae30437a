/**
 * What happens to records, in one sentence: receive → verify → decode → route → coalesce → claim → submit → record →
 * respond. (Records of HTTP sources were verified by `ingest.ts`, before they reached a queue.)
 *
 * Every step is total: a problem with data is an outcome, exceptions are bugs and infrastructure failures. Claiming,
 * submitting and recording are one protocol, `protocol/claim-batch.ts`: a claim names the batch that its event
 * belongs to, so batches are formed first.
 */
import { formBatches, type Batch } from './batching/batch.ts';
import type { CompiledConfig, CompiledSource } from './compiled-config/compiled.ts';
import { sendDeadLetters } from './dead-letters/send-dead-letters.ts';
import { decodeRecord } from './event/decode.ts';
import { decodeKafkaRecord, type KafkaDecoded } from './schema-registry/decode-kafka.ts';
import type { Event } from './event/event.ts';
import type { ReceivedRecord, Redriven } from './event/record.ts';
import { settleBatches, type SettlePorts } from './executor/settle-batches.ts';
import type { Settlement } from './protocol/settlement.ts';
import type { EventOutcome, Outcome } from './outcome.ts';
import type { Deadline, DeadLetterQueue } from './ports.ts';
import { dedupeWithinInvocation, type ArrivedEvent, type ArrivedOnRoute } from './routing/routed-record.ts';
import { matchEvent, type Route } from './routing/route.ts';
import { readFraming } from './schema-registry/framing.ts';
import type { SchemaCache, LookedUpSchemas } from './schema-registry/schema-cache.ts';
import { settleInOrder } from './strict-order.ts';

export interface Pipeline {
  /** ARN of the table that keeps the claims: part of every batch id. */
  readonly installation: string;
  readonly config: CompiledConfig;
  readonly source: CompiledSource;
  readonly routes: readonly Route[];
  readonly ports: SettlePorts & { readonly deadLetters: DeadLetterQueue };
  /** Where the source's values name schemas. */
  readonly schemas?: SchemaCache;
  /** Takes back dead letters that can wait, since their records will be delivered again together with others. */
  readonly postpone?: (outcomes: readonly EventOutcome[]) => readonly EventOutcome[];
}

/** Return at least one outcome for every record; `mustRedeliver` decides from all outcomes of a record. */
export async function runPipeline(
  records: readonly ReceivedRecord[],
  pipeline: Pipeline,
  deadline: Deadline,
): Promise<readonly EventOutcome[]> {
  const outcomes = await settleInOrder(records, {
    plan: (planned) => planPipeline(planned, pipeline, deadline),
    settle: async ({ batches, concluded }) => [...concluded, ...(await settle(batches, pipeline, deadline))],
  });
  return sendDeadLetters(pipeline.postpone?.(outcomes) ?? outcomes, pipeline);
}

export interface PipelinePlan {
  readonly batches: readonly Batch<ArrivedOnRoute>[];
  /** What never becomes part of a batch. */
  readonly concluded: readonly EventOutcome[];
}

/** What would become of the records, up to where the table and Prefect are asked: nothing has happened yet. */
export async function planPipeline(
  records: readonly ReceivedRecord[],
  pipeline: Pipeline,
  deadline: Deadline,
): Promise<PipelinePlan> {
  const schemas = await schemasOf(records, pipeline, deadline);
  const decoded = decode(records, pipeline, schemas);
  const routed = route(decoded.passed, pipeline);
  const batched = coalesce(dedupeWithinInvocation(routed.passed));
  return {
    batches: batched.passed,
    concluded: [...decoded.concluded, ...routed.concluded, ...batched.concluded],
  };
}

/** Each step passes on what goes further and concludes the rest. */
interface Step<Passed> {
  readonly passed: readonly Passed[];
  readonly concluded: readonly EventOutcome[];
}

/** A registry that answers late leaves time for the records that did not need it. */
const MAX_SCHEMA_WAIT_MS = 10_000;

/** Asked for before decoding, which stays pure: all schemas at once, and none where values name none. */
async function schemasOf(
  records: readonly ReceivedRecord[],
  { schemas }: Pipeline,
  deadline: Deadline,
): Promise<LookedUpSchemas> {
  if (schemas === undefined) return new Map();
  const framed = records.map(readFraming).filter((each) => each.kind === 'framed');
  const timeoutMs = Math.min(MAX_SCHEMA_WAIT_MS, deadline.remainingMs() / 4);
  return schemas.lookUp(
    framed.map(({ schemaId }) => schemaId),
    timeoutMs,
  );
}

function decodeOne(
  record: ReceivedRecord,
  { source, config }: Pipeline,
  schemas: LookedUpSchemas,
): KafkaDecoded {
  const { limits } = config;
  return source.type === 'kafka'
    ? decodeKafkaRecord(record, { source, limits, schemas })
    : decodeRecord(record, source, limits);
}

function decode(
  records: readonly ReceivedRecord[],
  pipeline: Pipeline,
  schemas: LookedUpSchemas,
): Step<ArrivedEvent> {
  const passed: ArrivedEvent[] = [];
  const concluded: EventOutcome[] = [];
  for (const record of records) {
    const decoded = decodeOne(record, pipeline, schemas);
    if (decoded.kind === 'events') {
      passed.push(...decoded.events.map((event) => ({ record, event })));
      // An empty batch is a record without events: nothing is owed for it.
      if (decoded.events.length === 0) concluded.push({ record, event: null, outcome: EMPTY_BATCH });
    } else {
      concluded.push({ record, event: null, outcome: concludeUndecoded(decoded) });
    }
  }
  return { passed, concluded };
}

function concludeUndecoded(decoded: Exclude<KafkaDecoded, { kind: 'events' }>): Outcome {
  return decoded.kind === 'rejected'
    ? { kind: 'dead-lettered', ...decoded.rejection }
    : { kind: 'retry', code: 'schema-registry-unavailable', detail: decoded.detail };
}

const EMPTY_BATCH: Outcome = { kind: 'filtered', reason: 'no-events' };
const NO_ROUTE: Outcome = { kind: 'filtered', reason: 'no-route-matched' };

/** An event may match several routes, each of which is independent of the others. */
function route(arrived: readonly ArrivedEvent[], { routes }: Pipeline): Step<ArrivedOnRoute> {
  const passed: ArrivedOnRoute[] = [];
  const concluded: EventOutcome[] = [];
  for (const { record, event } of arrived) {
    const { redriven } = record;
    let isWanted = false;
    for (const candidate of routes) {
      if (!isAbout(redriven, candidate, event)) continue;
      const match = matchEvent(candidate, event);
      isWanted ||= match.kind !== 'unmatched';
      if (match.kind === 'matched') {
        const { deliveryCount } = record;
        passed.push({
          ...match.routed,
          record,
          route: candidate,
          deliveryCount,
          origin: record.recordId,
          repeats: [],
          ...(redriven && { deadBatchIds: redriven.batchId === null ? [] : [redriven.batchId] }),
        });
      } else if (match.kind === 'rejected') {
        const { name } = candidate.config;
        concluded.push({
          record,
          event,
          outcome: { kind: 'dead-lettered', route: name, ...match.rejection },
        });
      }
    }
    if (!isWanted) concluded.push({ record, event, outcome: NO_ROUTE });
  }
  return { passed, concluded };
}

/** Process only the event of the dead letter: the other events of its record are in runs, or were filtered. */
function isAbout(redriven: Redriven | undefined, { config }: Route, { id }: Event): boolean {
  if (redriven === undefined) return true;
  const { eventId, route: routeName } = redriven;
  return (eventId === null || eventId === id) && (routeName === null || routeName === config.name);
}

function coalesce(arrived: readonly ArrivedOnRoute[]): Step<Batch<ArrivedOnRoute>> {
  const byRoute = Map.groupBy(arrived, (each) => each.route);
  const formed = [...byRoute].map(([each, events]) => formBatches(each, events));
  return {
    passed: formed.flatMap(({ batches }) => batches),
    concluded: formed.flatMap(({ rejected }) =>
      rejected.flatMap(({ routed, rejection }) =>
        conclude(routed, { kind: 'dead-lettered', route: routed.route.config.name, ...rejection }),
      ),
    ),
  };
}

async function settle(
  batches: readonly Batch<ArrivedOnRoute>[],
  { installation, config, source, ports }: Pipeline,
  deadline: Deadline,
): Promise<readonly EventOutcome[]> {
  const { requestTimeoutMs } = config.prefect;
  const settled = await settleBatches(batches, ports, {
    installation,
    configHash: config.hash,
    sourceName: source.name,
    requestTimeoutMs,
    deadline,
  });
  return settled.flatMap(({ routed, settlement }) =>
    conclude(routed, outcomeOf(routed.route.config.name, settlement)),
  );
}

function outcomeOf(route: string, settlement: Settlement): Outcome {
  switch (settlement.kind) {
    case 'created':
    case 'held':
    case 'duplicate':
    case 'retry':
      return { ...settlement, route };
    case 'dead-lettered': {
      const { batchId, flowRunId, reason: detail } = settlement;
      return { kind: 'dead-lettered', route, batchId, flowRunId, code: 'refused-by-prefect', detail };
    }
  }
}

/** What repeats an event shares its fate, except that it created and added nothing. */
function conclude({ record, event, repeats }: ArrivedOnRoute, outcome: Outcome): readonly EventOutcome[] {
  const isFirst = outcome.kind === 'created' || outcome.kind === 'held';
  const repeated: Outcome = isFirst ? { ...outcome, kind: 'duplicate' } : outcome;
  return [{ record, event, outcome }, ...repeats.map((repeat) => ({ ...repeat, outcome: repeated }))];
}
