/** Composes the logger and the metrics of a function, once per execution environment. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { STACK_VARIABLE } from '../lib/compiled-config/environment.ts';

export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * `serviceName` is the folder of the function. Every metric has the dimensions `service`, `stack` and `source`, so that
 * the alarms of one installation do not count what another one in the same account does.
 */
export function composeTelemetry(serviceName: string, source: string): Telemetry {
  const metrics = new Metrics({ namespace: 'Sluice', serviceName });
  metrics.setDefaultDimensions({ stack: process.env[STACK_VARIABLE] ?? 'unnamed', source });
  return { logger: new Logger({ serviceName }), metrics };
}
