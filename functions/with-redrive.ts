/** Lets `sluice redrive` invoke a trigger with dead letters, as its source invokes it with records. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { RequestBudget } from '../lib/budget/request-budget.ts';
import type { Pipeline } from '../lib/pipeline.ts';
import {
  parseRedriveRequest,
  type RedriveResponse,
  type RedriveRequest,
} from '../lib/redrive/invocation-protocol.ts';
import { redriveDeadLetters } from '../lib/redrive/redrive-dead-letters.ts';
import { outcomeReportOf } from './outcome-report.ts';

export interface WithRedriveOptions {
  readonly pipeline: Pipeline;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** A redrive leaves room for live traffic. Default: nothing is held back. */
  readonly budget?: RequestBudget;
}

/** The JSON that `parseRedriveResponse` parses. */
export type RedriveResponseJson = RedriveResponse & { readonly sluiceRedrive: 1 };

/** A redrive has the role, network, configuration and log of the trigger. */
export function withRedrive<SourceEvent, Answer>(
  trigger: (event: SourceEvent, context: Context) => Promise<Answer>,
  { pipeline, logger, metrics, budget }: WithRedriveOptions,
): (event: SourceEvent, context: Context) => Promise<Answer | RedriveResponseJson> {
  const report = outcomeReportOf(pipeline, { logger, metrics });
  const redrive = middy<RedriveRequest, RedriveResponseJson>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(async (request: RedriveRequest, context: Context) => {
      const deadline = { remainingMs: () => context.getRemainingTimeInMillis() };
      const redriven = () => redriveDeadLetters(request, pipeline, deadline);
      const { response, outcomes } = await (budget?.inBackground(redriven) ?? redriven());
      report.report(outcomes, context.awsRequestId);
      return { sluiceRedrive: 1, ...response };
    });
  return (event, context) => {
    const request = parseRedriveRequest(event);
    return request === undefined ? trigger(event, context) : redrive(request, context);
  };
}
