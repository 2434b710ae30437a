/** Compile Kafka sources. */
import type {
  CompiledKafkaCluster,
  CompiledKafkaOauth,
  CompiledKafkaSecret,
  CompiledKafkaSource,
  CompiledSchemaRegistry,
} from '../../compiled-config/compiled.ts';
import { compileDeployment } from '../deployment/compile.ts';
import { compileFunction } from '../source-fields.ts';
import type { KafkaSourceConfiguration } from './model.ts';

type KafkaAuth = Exclude<KafkaSourceConfiguration['auth'], string>;
type SelfManagedAuth = Extract<CompiledKafkaCluster, { kind: 'self-managed' }>['auth'];

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
    ...(source.consumerGroupPrefix !== undefined && { consumerGroupPrefix: source.consumerGroupPrefix }),
    startingPosition: compileStartingPosition(source),
    order: source.order ?? 'relaxed',
    batchSize,
    batchWindowSeconds: batchWindow,
    provisioned: provisioned ?? null,
    schemaRegistry: compileRegistry(source),
    ...(source.filterCriteria !== undefined && { filterCriteria: source.filterCriteria }),
  };
}

function compileCluster(source: KafkaSourceConfiguration): CompiledKafkaCluster {
  const { cluster, bootstrapServers = [], auth, rootCa, vpc } = source;
  if (cluster !== undefined) {
    if (typeof auth === 'string') return { kind: 'msk', clusterArn: cluster, auth: { scheme: auth } };
    if (auth.scheme !== 'scram-512' && auth.scheme !== 'mtls') throw brokenRule('auth-not-on-msk');
    const { scheme } = auth;
    return { kind: 'msk', clusterArn: cluster, auth: { scheme, ...compileSecret(auth) } };
  }
  if (auth === 'iam') throw brokenRule('iam-needs-msk');
  return {
    kind: 'self-managed',
    bootstrapServers,
    auth: auth === 'none' ? { scheme: 'none' } : compileSelfManagedAuth(auth),
    rootCaSecret: rootCa?.secret ?? null,
    vpc: vpc === undefined ? null : { subnetIds: vpc.subnets, securityGroupIds: vpc.securityGroups },
  };
}

function compileSelfManagedAuth(auth: KafkaAuth): SelfManagedAuth {
  switch (auth.scheme) {
    case 'iam':
      return { scheme: 'iam', clusterArn: auth.cluster };
    case 'iam-oauth':
      return { scheme: 'iam-oauth', audience: auth.audience };
    case 'oauth': {
      return { scheme: 'oauth', ...compileSecret(auth), ...compileOauth(auth) };
    }
    case 'plain':
    case 'scram-256':
    case 'scram-512':
    case 'mtls':
      return { scheme: auth.scheme, ...compileSecret(auth) };
  }
}

interface WrittenOauth {
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  readonly logicalCluster?: string | undefined;
  readonly identityPool?: string | undefined;
}

function compileOauth(oauth: WrittenOauth): CompiledKafkaOauth {
  const { scope = null, audience = null, logicalCluster = null, identityPool = null } = oauth;
  return { scope, audience, logicalCluster, identityPool };
}

function compileSecret({
  secret,
  kmsKey,
}: {
  readonly secret: string;
  readonly kmsKey?: string | undefined;
}): CompiledKafkaSecret {
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
        ...(schemaRegistry.oauth !== undefined && { oauth: compileOauth(schemaRegistry.oauth) }),
      };
    case 'glue':
      return { kind: 'glue', region: schemaRegistry.region };
  }
}

function brokenRule(code: string): RangeError {
  return new RangeError(`a configuration with the problem ${code} cannot be compiled`);
}
