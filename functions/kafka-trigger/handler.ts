/** Lambda entry point: the pipeline of the topics of one Kafka cluster. */
import { readBundledConfig } from '../../lib/adapters/aws/bundled-config.ts';
import { createSchemaRegistry } from '../../lib/adapters/http/create-schema-registry.ts';
import type { CompiledKafkaSource, CompiledSource } from '../../lib/compiled-config/compiled.ts';
import {
  EnvironmentError,
  readTriggerEnvironment,
  SOURCE_VARIABLE,
} from '../../lib/compiled-config/environment.ts';
import { SchemaCache } from '../../lib/schema-registry/schema-cache.ts';
import { schemaTypeOf } from '../../lib/schema-registry/schema-type.ts';
import { kafkaSourceAdapter } from '../../lib/sources/kafka-source-adapter.ts';
import type { SourceAdapter } from '../../lib/sources/source-adapter.ts';
import { VERSION } from '../../lib/version.ts';
import { composeTelemetry } from '../compose-telemetry.ts';
import { composePipeline, type Composition } from '../compose-pipeline.ts';
import { withRedrive } from '../with-redrive.ts';
import { createKafkaTriggerHandler } from './kafka-trigger.ts';

const environment = readTriggerEnvironment(process.env);
const config = readBundledConfig(process.env['LAMBDA_TASK_ROOT'] ?? '.');
const { logger, metrics } = composeTelemetry('kafka-trigger', environment.source);

const { pipeline, secrets, budget } = composePipeline(config, environment, { logger, metrics });
const source = kafkaSource(pipeline.source);
const schemas = schemasOf(source, secrets);
const trigger = createKafkaTriggerHandler({ pipeline: { ...pipeline, source }, schemas, logger, metrics });
// A redrive has no partition that is redelivered as a whole.
const deferDeadLetters: SourceAdapter['deferDeadLetters'] = (outcomes) => outcomes;
const adapter = kafkaSourceAdapter({ source, limits: config.limits, schemas, deferDeadLetters });

export const handler = withRedrive(trigger, { pipeline: { ...pipeline, adapter }, logger, metrics, budget });

function kafkaSource(named: CompiledSource): CompiledKafkaSource {
  if (named.type === 'kafka') return named;
  throw new EnvironmentError([
    { variable: SOURCE_VARIABLE, detail: 'is not a Kafka source of the bundled configuration; redeploy' },
  ]);
}

function schemasOf(
  { format, schemaRegistry }: CompiledKafkaSource,
  secretSource: Composition['secrets'],
): SchemaCache | null {
  const type = schemaTypeOf(format);
  if (type === null || schemaRegistry === null) return null;
  const registry = createSchemaRegistry(schemaRegistry, { secrets: secretSource, version: VERSION });
  return new SchemaCache(registry, type);
}
