/** A trigger that `sluice redrive` may invoke as well: with dead letters, instead of its source with records. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Pipeline } from '../lib/pipeline.ts';
import {
  readRedriveRequest,
  type RedriveAnswer,
  type RedriveRequest,
} from '../lib/redrive/invocation-protocol.ts';
import { redriveLetters } from '../lib/redrive/redrive-dead-letters.ts';
import { OutcomeReport } from './outcome-report.ts';

export interface RedriveOptions {
  readonly pipeline: Pipeline;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What `readRedriveAnswer` reads. */
export type RedriveAnswerJson = RedriveAnswer & { readonly sluiceRedrive: 1 };

/** The same role, network, configuration and log as for what the source delivers. */
export function withRedrive<SourceEvent, Answer>(
  trigger: (event: SourceEvent, context: Context) => Promise<Answer>,
  { pipeline, logger, metrics }: RedriveOptions,
): (event: SourceEvent, context: Context) => Promise<Answer | RedriveAnswerJson> {
  const report = new OutcomeReport({ sourceName: pipeline.source.name, logger, metrics });
  const redrive = middy<RedriveRequest, RedriveAnswerJson>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(async (request: RedriveRequest, context: Context) => {
      const deadline = { remainingMs: () => context.getRemainingTimeInMillis() };
      const { answer, outcomes } = await redriveLetters(request, pipeline, deadline);
      report.report(outcomes, context.awsRequestId);
      return { sluiceRedrive: 1, ...answer };
    });
  return (event, context) => {
    const request = readRedriveRequest(event);
    return request === undefined ? trigger(event, context) : redrive(request, context);
  };
}
