/** A trigger that `sluice redrive` may invoke as well: with dead letters, instead of its source with records. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Pipeline } from '../lib/pipeline.ts';
import {
  parseRedriveRequest,
  type RedriveResponse,
  type RedriveRequest,
} from '../lib/redrive/invocation-protocol.ts';
import { redriveDeadLetters } from '../lib/redrive/redrive-dead-letters.ts';
import { OutcomeReport } from './outcome-report.ts';

export interface WithRedriveOptions {
  readonly pipeline: Pipeline;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What `readRedriveAnswer` reads. */
export type RedriveResponseJson = RedriveResponse & { readonly sluiceRedrive: 1 };

/** The same role, network, configuration and log as for what the source delivers. */
export function withRedrive<SourceEvent, Answer>(
  trigger: (event: SourceEvent, context: Context) => Promise<Answer>,
  { pipeline, logger, metrics }: WithRedriveOptions,
): (event: SourceEvent, context: Context) => Promise<Answer | RedriveResponseJson> {
  const report = new OutcomeReport({ sourceName: pipeline.source.name, logger, metrics });
  const redrive = middy<RedriveRequest, RedriveResponseJson>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(async (request: RedriveRequest, context: Context) => {
      const deadline = { remainingMs: () => context.getRemainingTimeInMillis() };
      const { response: answer, outcomes } = await redriveDeadLetters(request, pipeline, deadline);
      report.report(outcomes, context.awsRequestId);
      return { sluiceRedrive: 1, ...answer };
    });
  return (event, context) => {
    const request = parseRedriveRequest(event);
    return request === undefined ? trigger(event, context) : redrive(request, context);
  };
}
