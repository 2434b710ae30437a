/** One queue as a Lambda handler: translate, run the pipeline, report the outcomes, translate back. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { runPipeline, type Pipeline } from '../../lib/pipeline.ts';
import { mustRedeliver } from '../../lib/outcome.ts';
import { FilterCounts } from '../../lib/routing/filter-counts.ts';
import { planRedeliveries } from '../../lib/redelivery/plan-redeliveries.ts';
import { outcomeReportOf } from '../outcome-report.ts';
import type { Redelivery } from '../redelivery.ts';
import { toBatchResponse, toMessages, toRecord } from './records.ts';

export interface SqsTriggerOptions {
  readonly pipeline: Pipeline;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly redelivery: Redelivery;
}

export type SqsTriggerHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** The handler throws NotAnSqsEventError if something else than a queue invoked it. */
export function createSqsTriggerHandler(options: SqsTriggerOptions): SqsTriggerHandler {
  const { pipeline, logger, metrics, redelivery } = options;
  const { source } = pipeline;
  const filterCounts = new FilterCounts();
  const report = outcomeReportOf(pipeline, { logger, metrics });

  const handle = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const messages = toMessages(event);
    const records = messages.map((message) => toRecord(message, source));
    const deadline = { remainingMs: () => context.getRemainingTimeInMillis() };
    const outcomes = await runPipeline(records, { ...pipeline, filterCounts }, deadline);
    report.report(outcomes, context.awsRequestId, filterCounts.take());
    if (mustRedeliver(outcomes.map(({ outcome }) => outcome))) {
      await redelivery.schedule(messages, deadline, (received, redeliveryContext) =>
        planRedeliveries(received, outcomes, redeliveryContext),
      );
    }
    return toBatchResponse(outcomes);
  };

  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(handle);
}
