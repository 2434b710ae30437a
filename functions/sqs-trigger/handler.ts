/** Lambda entry point: the pipeline of one queue. */
import { readBundledConfig } from '../../lib/adapters/aws/bundled-config.ts';
import { readTriggerEnvironment } from '../../lib/compiled-config/environment.ts';
import { composeTelemetry } from '../compose-telemetry.ts';
import { composePipeline } from '../compose-pipeline.ts';
import { composeRedelivery } from '../compose-redelivery.ts';
import { withRedrive } from '../with-redrive.ts';
import { createSqsTriggerHandler } from './sqs-trigger.ts';

const environment = readTriggerEnvironment(process.env);
const config = readBundledConfig(process.env['LAMBDA_TASK_ROOT'] ?? '.');
const { logger, metrics } = composeTelemetry('sqs-trigger', environment.source);

const { pipeline, budget } = composePipeline(config, environment, { logger, metrics });
const options = { pipeline, logger, metrics, budget };

export const handler = withRedrive(
  createSqsTriggerHandler({ ...options, redelivery: composeRedelivery(logger) }),
  options,
);
