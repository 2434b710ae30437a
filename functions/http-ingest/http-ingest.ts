/** One HTTP source as a Lambda handler: translate, ingest, translate back, and say in one line what happened. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type {
  CompiledHttpSource,
  CompiledLimits,
  CompiledOutcomeLogs,
} from '../../lib/compiled-config/compiled.ts';
import { ingest, type IngestResult, type IngestPorts, type RunWaiting } from '../../lib/ingest.ts';
import { takeHandshake } from '../../lib/take-handshake.ts';
import type { HandshakeResult } from '../../lib/verification/handshake-request.ts';
import { OutcomeLogFilter } from '../outcome-log-filter.ts';
import type { HttpResponse } from './http-response.ts';
import {
  assertHttpApiEvent,
  parseRequest,
  type HttpIngestEvent,
  type ParsedRequest,
  type PendingRequest,
} from './request.ts';
import { toResponse, internalErrorResponse } from './response.ts';

export interface HttpIngestOptions {
  readonly source: CompiledHttpSource;
  readonly limits: CompiledLimits;
  readonly ports: IngestPorts;
  /** Of a source that answers with flow runs. */
  readonly runInquiry?: Promise<RunWaiting['inquiry']>;
  /** Which requests have a log line. */
  readonly outcomeLogs: CompiledOutcomeLogs;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export type HttpIngestHandler = (
  event: HttpIngestEvent,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export function createHttpIngestHandler(options: HttpIngestOptions): HttpIngestHandler {
  const { source, limits, ports, runInquiry, logger, metrics } = options;
  const filter = new OutcomeLogFilter(options.outcomeLogs);

  const handle = async (
    event: HttpIngestEvent,
    context: Context,
  ): Promise<APIGatewayProxyStructuredResultV2> => {
    assertHttpApiEvent(event);
    const { requestId } = event.requestContext;
    try {
      const outcome = await take(parseRequest(event, source), context);
      const answer = toResponse(outcome, source.respond, requestId);
      record(answer, requestId, toLogFields(outcome));
      return answer.result;
    } catch (error) {
      // A sender that is answered with a Lambda error learns nothing; this is still a 500, and in the log.
      const answer = internalErrorResponse(requestId);
      record(answer, requestId, { error: error instanceof Error ? error : new Error(typeof error) });
      return answer.result;
    }
  };

  const take = async (
    parsed: ParsedRequest,
    context: Context,
  ): Promise<IngestResult | HandshakeResult | Exclude<ParsedRequest, PendingRequest>> => {
    if (parsed.kind === 'request') {
      return ingest(parsed.request, source, limits, ports, await waitingIn(context));
    }
    return parsed.kind === 'handshake-request'
      ? takeHandshake(parsed.request, parsed.handshake, ports)
      : parsed;
  };

  const waitingIn = async (context: Context): Promise<RunWaiting | null> => {
    const inquiry = await runInquiry;
    if (inquiry === undefined) return null;
    return { inquiry, deadline: { remainingMs: () => context.getRemainingTimeInMillis() } };
  };

  /** Never the body, a header or a credential. */
  const record = (answer: HttpResponse, requestId: string, facts: LogFields): void => {
    const { status, code, acceptedEvents } = answer;
    const line = { requestId, source: source.name, status, code, acceptedEvents, ...facts };
    if (status >= 500) logger.error('request', line);
    else if (filter.isRequestLogged(status, requestId) || hasProblem(facts)) logger.info('request', line);
    // Zero too: Powertools warns about an invocation without metrics.
    metrics.addMetric('EventsAccepted', MetricUnit.Count, acceptedEvents);
    // Zero as well, so that an alarm can compare it with the accepted events of the same requests.
    metrics.addMetric('RequestsUnauthorized', MetricUnit.Count, status === 401 || status === 403 ? 1 : 0);
    if (status >= 400) countRefused(code);
  };

  /** Each code is a dimension of its own, apart from the counts of accepted events; `source` comes by default. */
  const countRefused = (code: string): void => {
    const refused = metrics.singleMetric();
    refused.addDimension('code', code);
    refused.addMetric('RequestsRefused', MetricUnit.Count, 1);
  };

  return middy<HttpIngestEvent, APIGatewayProxyStructuredResultV2>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(handle);
}

interface LogFields {
  readonly caller?: string;
  readonly badEvents?: number;
  readonly error?: Error;
  /** For the operator: what to fix although the request was refused correctly. */
  readonly warning?: Error;
}

/** A request may be accepted although something is wrong with it: its line is never left out. */
function hasProblem({ badEvents = 0, error, warning }: LogFields): boolean {
  return badEvents > 0 || error !== undefined || warning !== undefined;
}

function toLogFields(outcome: IngestResult | HandshakeResult | ParsedRequest): LogFields {
  if (outcome.kind === 'unavailable' || outcome.kind === 'misconfigured') return { error: outcome.cause };
  if (outcome.kind === 'unverified') {
    const { operatorWarning } = outcome.rejection;
    return operatorWarning === undefined ? {} : { warning: operatorWarning };
  }
  if (outcome.kind === 'accepted') {
    const { caller, progress } = outcome;
    const failure = progress?.failure ?? null;
    return { ...(caller !== null && { caller }), ...(failure !== null && { error: failure }) };
  }
  if (outcome.kind === 'rejected' && outcome.badEvents.length > 0) {
    return { badEvents: outcome.badEvents.length };
  }
  return {};
}
