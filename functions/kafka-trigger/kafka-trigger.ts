/** The topics of one cluster as a Lambda handler: translate, run the pipeline, report, translate back. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, MSKEvent, SelfManagedKafkaEvent } from 'aws-lambda';
import type { CompiledKafkaSource } from '../../lib/compiled-config/compiled.ts';
import { acceptsPartialFailures } from '../../lib/compiled-config/partial-failures-alias.ts';
import { runPipeline, type Pipeline } from '../../lib/pipeline.ts';
import type { SchemaCache } from '../../lib/schema-registry/schema-cache.ts';
import { FilterCounts } from '../../lib/routing/filter-counts.ts';
import { kafkaSourceAdapter } from '../../lib/sources/kafka-source-adapter.ts';
import { outcomeReportOf } from '../outcome-report.ts';
import { toDeliveredRecords } from './records.ts';
import {
  deferDeadLetters,
  toBatchResponse,
  type KafkaBatchResponse,
  type RedeliveryMode,
} from './batch-response.ts';

export interface KafkaTriggerOptions {
  readonly pipeline: Omit<Pipeline, 'source' | 'adapter'> & { readonly source: CompiledKafkaSource };
  /** Null if the format of the source has no schemas. */
  readonly schemas: SchemaCache | null;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export type KafkaEvent = MSKEvent | SelfManagedKafkaEvent;
export type KafkaTriggerHandler = (event: KafkaEvent, context: Context) => Promise<KafkaBatchResponse>;

/**
 * The handler throws NotAKafkaEventError, and RecordsNotProcessedError if records must be redelivered and the mapping
 * does not take partial failures.
 */
export function createKafkaTriggerHandler({
  pipeline,
  schemas,
  logger,
  metrics,
}: KafkaTriggerOptions): KafkaTriggerHandler {
  const { source } = pipeline;
  const filterCounts = new FilterCounts();
  const report = outcomeReportOf(pipeline, { logger, metrics });

  const handle = async (event: KafkaEvent, context: Context): Promise<KafkaBatchResponse> => {
    const delivered = toDeliveredRecords(event, source);
    // Not by the configuration: while a deployment switches the pollers, the mapping is still the one of before.
    const mode: RedeliveryMode = acceptsPartialFailures(context.invokedFunctionArn)
      ? 'named-records'
      : 'whole-batch';
    const outcomes = await runPipeline(
      delivered.map(({ record }) => record),
      {
        ...pipeline,
        filterCounts,
        adapter: kafkaSourceAdapter({
          source,
          limits: pipeline.config.limits,
          schemas,
          deferDeadLetters: (concluded) => deferDeadLetters(delivered, concluded, mode),
        }),
      },
      { remainingMs: () => context.getRemainingTimeInMillis() },
    );
    report.report(outcomes, context.awsRequestId, filterCounts.take());
    return toBatchResponse(delivered, outcomes, mode);
  };

  return middy<KafkaEvent, KafkaBatchResponse>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(handle);
}
