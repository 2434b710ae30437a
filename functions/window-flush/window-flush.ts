/** The timer queue as a Lambda handler: each message names a window, which is flushed, or whose timer is set again. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import { flushWindows, type FlushRequest, type FlushingPorts } from '../../lib/executor/flush-windows.ts';
import { parseTimerMessage } from '../../lib/windows/timer-message.ts';
import { redeliverAll } from '../../lib/redelivery/plan-redeliveries.ts';
import { FlushReportWriter } from '../flush-report.ts';
import type { Redelivery } from '../redelivery.ts';

export interface WindowFlushOptions {
  readonly installation: string;
  readonly config: CompiledConfig;
  readonly ports: FlushingPorts;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly redelivery: Redelivery;
}

export type WindowFlushHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

interface TimerRequest {
  readonly message: SQSRecord;
  readonly request: FlushRequest;
}

export function createWindowFlushHandler(options: WindowFlushOptions): WindowFlushHandler {
  const { installation, config, ports, logger, metrics, redelivery } = options;
  const reports = new FlushReportWriter(logger, metrics);

  const handle = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const asked = event.Records.flatMap((message): TimerRequest[] => {
      const timer = parseTimerMessage(message.body);
      // A redelivery would not help, and the sweep finds every window without its timer.
      if (timer.kind === 'rejected') {
        logger.error('invalid message on the timer queue', {
          messageId: message.messageId,
          detail: timer.detail,
        });
        return [];
      }
      return [{ message, request: timer.timer }];
    });
    const deadline = { remainingMs: () => context.getRemainingTimeInMillis() };
    const { requestTimeoutMs } = config.prefect;
    const flushed = await flushWindows(
      asked.map(({ request }) => request),
      config,
      ports,
      { installation, configHash: config.hash, requestTimeoutMs, deadline },
    );
    reports.write(flushed);
    const again = asked.filter((_, index) => flushed[index]?.result.kind === 'retry');
    await redelivery.schedule(
      again.map(({ message }) => message),
      deadline,
      redeliverAll,
    );
    return { batchItemFailures: again.map(({ message }) => ({ itemIdentifier: message.messageId })) };
  };

  return middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(handle);
}
