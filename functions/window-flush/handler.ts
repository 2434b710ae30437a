/** Lambda entry point: flushes windows that are due or full. */
import { readBundledConfig } from '../../lib/adapters/aws/bundled-config.ts';
import { readTriggerEnvironment } from '../../lib/compiled-config/environment.ts';
import { composeRedelivery } from '../compose-redelivery.ts';
import { composeTelemetry } from '../compose-telemetry.ts';
import { composeFlushing } from '../compose-flushing.ts';
import { createWindowFlushHandler } from './window-flush.ts';

const environment = readTriggerEnvironment(process.env);
const config = readBundledConfig(process.env['LAMBDA_TASK_ROOT'] ?? '.');
const { logger, metrics } = composeTelemetry('window-flush', environment.source);

const { ports, installation } = composeFlushing(config, environment, { logger, metrics }, environment.source);

export const handler = createWindowFlushHandler({
  installation,
  config,
  ports,
  logger,
  metrics,
  redelivery: composeRedelivery(logger),
});
