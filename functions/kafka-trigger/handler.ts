/** The pipeline behind the topics of one Kafka cluster. */
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
import { VERSION } from '../../lib/version.ts';
import { composeTelemetry } from '../compose-telemetry.ts';
import { composePipeline, type Composition } from '../compose-pipeline.ts';
import { withRedrive } from '../with-redrive.ts';
import { createKafkaTriggerHandler } from './kafka-trigger.ts';

const environment = readTriggerEnvironment(process.env);
const config = readBundledConfig(process.env['LAMBDA_TASK_ROOT'] ?? '.');
const { logger, metrics } = composeTelemetry('kafka-trigger', environment.source);

const { pipeline, secrets } = composePipeline(config, environment, logger);
const source = kafkaSource(pipeline.source);
const options = { pipeline: { ...pipeline, source, ...schemasOf(source, secrets) }, logger, metrics };

export const handler = withRedrive(createKafkaTriggerHandler(options), options);

function kafkaSource(named: CompiledSource): CompiledKafkaSource {
  if (named.type === 'kafka') return named;
  throw new EnvironmentError([
    { variable: SOURCE_VARIABLE, detail: 'names a source that is not a Kafka source: deploy again' },
  ]);
}

function schemasOf(
  { format, schemaRegistry }: CompiledKafkaSource,
  secretSource: Composition['secrets'],
): { readonly schemas?: SchemaCache } {
  const type = schemaTypeOf(format);
  if (type === null || schemaRegistry === null) return {};
  const registry = createSchemaRegistry(schemaRegistry, { secrets: secretSource, version: VERSION });
  return { schemas: new SchemaCache(registry, type) };
}
