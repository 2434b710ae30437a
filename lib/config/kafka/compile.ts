/** Compile Kafka sources. */
import type {
  CompiledKafkaCluster,
  CompiledKafkaSecret,
  CompiledKafkaSource,
  CompiledSchemaRegistry,
} from '../../compiled-config/compiled.ts';
import { compileDeployment } from '../deployment/compile.ts';
import { compileFunction } from '../source-fields.ts';
import type { KafkaSourceConfiguration } from './model.ts';

type KafkaCredentials = Exclude<KafkaSourceConfiguration['auth'], string>;

export function compileKafkaSource(name: string, source: KafkaSourceConfiguration): CompiledKafkaSource {
  const { topics, format, unwrap, eventType, batchSize, batchWindow, consumerGroup, provisioned } = source;
  return {
    name,
    type: 'kafka',
    ...compileDeployment(source),
    format,
    eventType,
    unwrap,
    function: compileFunction(source.function),
    cluster: compileCluster(source),
    topics,
    consumerGroupId: consumerGroup ?? null,
    startingPosition: compileStartingPosition(source),
    order: source.order ?? 'relaxed',
    batchSize,
    batchWindowSeconds: batchWindow,
    provisioned: provisioned ?? null,
    schemaRegistry: compileRegistry(source),
  };
}

function compileCluster(source: KafkaSourceConfiguration): CompiledKafkaCluster {
  const { cluster, bootstrapServers = [], auth, rootCa, vpc } = source;
  if (cluster !== undefined) {
    if (typeof auth === 'string') return { kind: 'msk', clusterArn: cluster, auth: { scheme: auth } };
    const { scheme } = auth;
    if (scheme === 'plain' || scheme === 'scram-256') throw brokenRule('auth-not-on-msk');
    return { kind: 'msk', clusterArn: cluster, auth: { scheme, ...compileSecret(auth) } };
  }
  if (auth === 'iam') throw brokenRule('iam-needs-msk');
  return {
    kind: 'self-managed',
    bootstrapServers,
    auth: auth === 'none' ? { scheme: 'none' } : { scheme: auth.scheme, ...compileSecret(auth) },
    rootCaSecret: rootCa?.secret ?? null,
    vpc: vpc === undefined ? null : { subnetIds: vpc.subnets, securityGroupIds: vpc.securityGroups },
  };
}

function compileSecret({ secret, kmsKey }: KafkaCredentials): CompiledKafkaSecret {
  return { secret, ...(kmsKey !== undefined && { kmsKeyArn: kmsKey }) };
}

function compileStartingPosition({
  startingPosition,
}: KafkaSourceConfiguration): CompiledKafkaSource['startingPosition'] {
  if (typeof startingPosition === 'string') return { at: startingPosition };
  return { at: 'AT_TIMESTAMP', timestampEpochSeconds: startingPosition.at };
}

function compileRegistry({ schemaRegistry }: KafkaSourceConfiguration): CompiledSchemaRegistry | null {
  switch (schemaRegistry?.type) {
    case undefined:
      return null;
    case 'confluent':
      return {
        kind: 'confluent',
        url: schemaRegistry.url,
        authSecret: schemaRegistry.secret ?? null,
      };
    case 'glue':
      return { kind: 'glue', region: schemaRegistry.region };
  }
}

function brokenRule(code: string): RangeError {
  return new RangeError(`a configuration with the problem ${code} cannot be compiled`);
}
