/** The reconciliation as a Lambda handler: invoked on a schedule, and by `sluice reconcile`. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import type { Deadline } from '../../lib/ports.ts';
import {
  parseReconcileRequest,
  type ReconcileResponseJson,
} from '../../lib/reconcile/invocation-protocol.ts';
import type { ReconcileReport } from '../../lib/reconcile/findings.ts';
import { reconcile } from '../../lib/reconcile/reconcile.ts';
import type { ReconcilePorts, WindowFlusher } from '../../lib/reconcile/reconcile-ports.ts';
import { flushWindows, type FlushingPorts } from '../../lib/executor/flush-windows.ts';
import { FlushReportWriter } from '../flush-report.ts';

export interface ReconcileHandlerOptions {
  readonly installation: string;
  readonly config: CompiledConfig;
  readonly ports: Omit<ReconcilePorts, 'windowFlusher'>;
  readonly flushingPorts: FlushingPorts;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export type ReconcileHandler = (event: unknown, context: Context) => Promise<ReconcileResponseJson>;

/** The event of the invocation is not a valid request. */
export class ReconcileRequestError extends Error {
  override readonly name = 'ReconcileRequestError';

  constructor() {
    super(
      'The event is not a request to reconcile: it has to be { "sluiceReconcile": 1, "scope": "windows" or "everything", ' +
        '"dryRun": true or false }. Another version of sluice may have sent it: use the one that was deployed.',
    );
  }
}

export function createReconcileHandler(options: ReconcileHandlerOptions): ReconcileHandler {
  const { config, flushingPorts, logger, metrics } = options;
  const flushes = new FlushReportWriter(logger, metrics);
  const flusherWithin = (deadline: Deadline): WindowFlusher => ({
    flushWindows: async (requests) => {
      const { hash: configHash, prefect } = config;
      const { installation } = options;
      const context = {
        installation,
        configHash,
        requestTimeoutMs: prefect.requestTimeoutMs,
        deadline,
      };
      const reports = await flushWindows(requests, config, flushingPorts, context);
      flushes.write(reports);
      return reports;
    },
  });

  const handle = async (event: unknown, context: Context): Promise<ReconcileResponseJson> => {
    const request = parseReconcileRequest(event);
    if (request === undefined) throw new ReconcileRequestError();
    const deadline = { remainingMs: () => context.getRemainingTimeInMillis() };
    const ports = { ...options.ports, windowFlusher: flusherWithin(deadline) };
    const report = await reconcile(request, config, ports, deadline);
    writeReport(report, logger);
    if (!report.dryRun) countWindows(report, metrics);
    return { sluiceReconcile: 1, ...report };
  };

  return middy<unknown, ReconcileResponseJson>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(handle);
}

/** Log a line for each finding, and a summary. */
function writeReport({ routes, windows, claims, dryRun, nextKey }: ReconcileReport, logger: Logger): void {
  const findings = [...(routes?.findings ?? []), ...(windows?.findings ?? []), ...(claims?.findings ?? [])];
  for (const finding of findings) logger.warn('finding', { dryRun, ...finding });
  logger.info('reconciled', {
    dryRun,
    routes: routes && { ...routes, findings: undefined },
    windows: windows && { ...windows, findings: undefined },
    claims: claims && { ...claims, findings: undefined },
    isComplete: nextKey === null && windows?.isComplete !== false,
  });
}

/** Count nothing if no window is overdue: CloudWatch charges a metric for each hour in which it is counted. */
function countWindows({ windows }: ReconcileReport, metrics: Metrics): void {
  if (windows === null || windows.overdue === 0) return;
  metrics.addMetric('WindowsOverdue', MetricUnit.Count, windows.overdue - windows.swept);
  metrics.addMetric('WindowsSwept', MetricUnit.Count, windows.swept);
}
