/** One queue as a Lambda handler: translate, run the pipeline, say what became of every event, translate back. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { EventOutcome, Outcome } from '../../lib/outcome.ts';
import { runPipeline, type Pipeline } from '../../lib/pipeline.ts';
import { toBatchResponse, toRecord } from './records.ts';

export interface SqsTriggerOptions {
  readonly pipeline: Pipeline;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export type SqsTriggerHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const METRIC_NAME = {
  'created': 'EventsCreated',
  'duplicate': 'EventsDuplicate',
  'filtered': 'EventsFiltered',
  'held': 'EventsHeld',
  'retry': 'EventsRetried',
  'dead-lettered': 'EventsDeadLettered',
} as const satisfies Record<Outcome['kind'], string>;

export function createSqsTriggerHandler({ pipeline, logger, metrics }: SqsTriggerOptions): SqsTriggerHandler {
  const { source } = pipeline;

  const handle = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const records = event.Records.map((message) => toRecord(message, source));
    const deadline = { remainingMs: () => context.getRemainingTimeInMillis() };
    const outcomes = await runPipeline(records, pipeline, deadline);
    for (const outcome of outcomes) log(outcome);
    count(outcomes);
    return toBatchResponse(outcomes);
  };

  /** Never the data of an event. */
  const log = ({ record, event, outcome }: EventOutcome): void => {
    const { kind, ...facts } = outcome;
    const line = {
      outcome: kind,
      source: source.name,
      recordId: record.recordId,
      eventId: event?.id ?? null,
      ...facts,
    };
    if (kind === 'dead-lettered' || kind === 'retry') logger.warn('event', line);
    else logger.info('event', line);
  };

  const count = (outcomes: readonly EventOutcome[]): void => {
    for (const [kind, of] of Map.groupBy(outcomes, ({ outcome }) => outcome.kind)) {
      metrics.addMetric(METRIC_NAME[kind], MetricUnit.Count, of.length);
    }
  };

  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(handle);
}
