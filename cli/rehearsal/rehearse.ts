/** Rehearse what the routes make of samples: all of the pipeline up to where the table and Prefect are asked. */
import type { Batch } from '../../lib/batching/batch.ts';
import type {
  CompiledConfig,
  CompiledKafkaSource,
  CompiledLimits,
  CompiledSource,
} from '../../lib/compiled-config/compiled.ts';
import type { Event } from '../../lib/event/event.ts';
import type { Rejection } from '../../lib/event/record.ts';
import { planPipeline, type PlanningPipeline } from '../../lib/pipeline.ts';
import { runWindowOf } from '../../lib/batching/run-window.ts';
import { renderParameters } from '../../lib/routing/parameters.ts';
import type { RoutedRecord } from '../../lib/routing/routed-record.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import { kafkaSourceAdapter } from '../../lib/sources/kafka-source-adapter.ts';
import { queueSourceAdapter, type SourceAdapter } from '../../lib/sources/source-adapter.ts';
import { deliverSample, type SampleDelivery } from './sample-records.ts';

/** A delivery, and the name of the source that receives it. */
export interface RehearsedSample extends SampleDelivery {
  readonly source: string;
}

export interface PlannedRun {
  readonly route: string;
  readonly deployment: string;
  /** Indexes of the samples, in the order of the run's `events`. */
  readonly samples: readonly number[];
  readonly groupKey: string;
  /** The events are added to a window, whose run may get more of them. */
  readonly waits: boolean;
  /** As the flow gets them, when `run.overflow` and `run.templateMarkers` change nothing about them. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type SampleTrouble =
  | { readonly kind: 'refused'; readonly sample: number; readonly rejection: Rejection }
  | {
      readonly kind: 'dead-lettered';
      readonly sample: number;
      readonly route: string | null;
      readonly rejection: Rejection;
    };

export interface Rehearsal {
  readonly runs: readonly PlannedRun[];
  readonly trouble: readonly SampleTrouble[];
  /** Samples that no route matches. */
  readonly filtered: readonly number[];
  /** Samples that repeat an earlier one on every route that they match. */
  readonly duplicates: readonly number[];
  /** Of every event on every route that it matches. */
  readonly claimKeys: readonly string[];
  /** The events of each sample, before they were routed. */
  readonly events: ReadonlyMap<number, readonly Event[]>;
}

/** The configuration has no source of this name. */
export class UnknownSourceError extends Error {
  override readonly name = 'UnknownSourceError';
  readonly retryable = false;

  constructor(source: string, sources: readonly string[]) {
    super(`the configuration has no source ${source}; it has ${sources.join(', ')}`);
  }
}

/**
 * Rehearse samples that arrive together: those of one source in one invocation. Values with a schema in a registry are
 * written as the JSON that decoding them makes.
 * @throws {UnknownSourceError}
 */
export async function rehearse(
  config: CompiledConfig,
  samples: readonly RehearsedSample[],
): Promise<Rehearsal> {
  const bySource = Map.groupBy(samples, ({ source }) => source);
  const rehearsals: Rehearsal[] = [];
  for (const [name, ofSource] of bySource) {
    const source = Object.hasOwn(config.sources, name) ? config.sources[name] : undefined;
    if (source === undefined) throw new UnknownSourceError(name, Object.keys(config.sources));
    rehearsals.push(await rehearseSource(config, source, ofSource));
  }
  return {
    runs: rehearsals.flatMap(({ runs }) => runs),
    trouble: rehearsals.flatMap(({ trouble }) => trouble),
    filtered: rehearsals.flatMap(({ filtered }) => filtered),
    duplicates: rehearsals.flatMap(({ duplicates }) => duplicates),
    claimKeys: rehearsals.flatMap(({ claimKeys }) => claimKeys),
    events: new Map(rehearsals.flatMap(({ events }) => [...events])),
  };
}

async function rehearseSource(
  config: CompiledConfig,
  source: CompiledSource,
  samples: readonly RehearsedSample[],
): Promise<Rehearsal> {
  const delivered = samples.map((sample) => ({
    sample,
    result: deliverSample(sample, source, config.limits),
  }));
  const sampleOf = new Map(
    delivered.flatMap(({ sample: { index }, result }) =>
      result.kind === 'records' ? result.records.map(({ recordId }) => [recordId, index] as const) : [],
    ),
  );
  const records = delivered.flatMap(({ result }) => (result.kind === 'records' ? result.records : []));
  const pipeline: PlanningPipeline = {
    config,
    source,
    routes: routesFrom(config, source.name),
    adapter: adapterOf(source, config.limits),
  };
  const { batches, concluded } = await planPipeline(records, pipeline, { remainingMs: () => Infinity });
  const indexOf = (recordId: string): number => sampleOf.get(recordId) ?? -1;
  const runs = batches.map((batch) => plannedRun(batch, indexOf));
  const first = new Set(runs.flatMap((run) => run.samples));
  const repeats = batches.flatMap(({ events }) => events.flatMap((each) => each.repeats));
  const events = Map.groupBy(
    [
      ...batches.flatMap((batch) => batch.events.flatMap((each) => [each, ...each.repeats])),
      ...concluded,
    ].flatMap(({ record, event }) => (event === null ? [] : [{ index: indexOf(record.recordId), event }])),
    ({ index }) => index,
  );
  return {
    runs,
    trouble: [
      ...delivered.flatMap(({ sample, result }): readonly SampleTrouble[] =>
        result.kind === 'refused'
          ? [{ kind: 'refused', sample: sample.index, rejection: result.rejection }]
          : [],
      ),
      ...concluded.flatMap(({ record, outcome }): readonly SampleTrouble[] =>
        outcome.kind === 'dead-lettered'
          ? [
              {
                kind: 'dead-lettered',
                sample: indexOf(record.recordId),
                route: outcome.route ?? null,
                rejection: { code: outcome.code, detail: outcome.detail },
              },
            ]
          : [],
      ),
    ],
    filtered: concluded.flatMap(({ record, outcome }) =>
      outcome.kind === 'filtered' ? [indexOf(record.recordId)] : [],
    ),
    duplicates: distinct(repeats.map(({ record }) => indexOf(record.recordId))).filter(
      (index) => !first.has(index),
    ),
    claimKeys: batches.flatMap((batch) => batch.events.map(({ member }) => member.claimKey)),
    events: new Map([...events].map(([index, list]) => [index, distinct(list.map(({ event }) => event))])),
  };
}

/** Decode values with a schema in a registry as the JSON that decoding them makes. */
function adapterOf(source: CompiledSource, limits: CompiledLimits): SourceAdapter {
  if (source.type !== 'kafka') return queueSourceAdapter(source, limits);
  const hasSchema = FORMATS_WITH_SCHEMA.includes(source.format);
  return kafkaSourceAdapter({
    source: hasSchema ? { ...source, format: 'json', schemaRegistry: null } : source,
    limits,
    schemas: null,
    deferDeadLetters: (outcomes) => outcomes,
  });
}

const FORMATS_WITH_SCHEMA: readonly CompiledKafkaSource['format'][] = ['avro', 'protobuf', 'json-schema'];

function plannedRun(batch: Batch<RoutedRecord>, indexOf: (recordId: string) => number): PlannedRun {
  const { route, events, destination } = batch;
  const { flow, deployment } = route.config.run;
  return {
    route: route.config.name,
    deployment: `${flow}/${deployment}`,
    samples: events.map(({ record }) => indexOf(record.recordId)),
    groupKey: events[0]?.groupKey ?? '',
    waits: destination === 'window',
    parameters: parametersOfRun(batch),
  };
}

/**
 * The values that the flow gets. Batches whose parameters cannot be rendered are not formed, except in windows. A window
 * lasts as long as its events took to arrive, since nothing waits here.
 */
function parametersOfRun(batch: Batch<RoutedRecord>): Readonly<Record<string, unknown>> {
  const events = batch.events.map(({ event }) => event);
  const subject = { events, window: runWindowOf(batch, batch.events) };
  const rendered = renderParameters(batch.route.parameters, subject);
  if (rendered.kind === 'rejected') return {};
  return Object.fromEntries(
    [...rendered.parameters].map(([name, { text, as }]): [string, unknown] => [
      name,
      as === 'string' ? text : JSON.parse(text),
    ]),
  );
}

function distinct<Value>(values: readonly Value[]): readonly Value[] {
  return [...new Set(values)];
}
