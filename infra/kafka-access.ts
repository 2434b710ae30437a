/**
 * How Lambda's pollers get at a Kafka cluster, and what the role of the function has to allow for it. Exactly what
 * AWS documents for each variant:
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-permissions.html
 */
import { Validations } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { CompiledKafkaCluster, CompiledKafkaSource } from '../lib/compiled-config/compiled.ts';
import type { PipelineFunction } from './pipeline-function.ts';

type SelfManagedCluster = Extract<CompiledKafkaCluster, { kind: 'self-managed' }>;

/** As CloudFormation has it: the construct of CDK demands a `uri`, which Lambda refuses for IAM. */
type AccessConfiguration = CfnEventSourceMapping.SourceAccessConfigurationProperty;

/** https://docs.aws.amazon.com/lambda/latest/api/API_SourceAccessConfiguration.html */
const CREDENTIALS = {
  'plain': 'BASIC_AUTH',
  'scram-256': 'SASL_SCRAM_256_AUTH',
  'scram-512': 'SASL_SCRAM_512_AUTH',
  'mtls': 'CLIENT_CERTIFICATE_TLS_AUTH',
  'oauth': 'OAUTHBEARER_AUTH',
} as const;

/** Return an empty list where Lambda needs no settings: MSK with IAM, with TLS, or without authentication. */
export function accessConfigurations(cluster: CompiledKafkaCluster): AccessConfiguration[] {
  if (cluster.kind === 'msk') {
    return 'secret' in cluster.auth
      ? [{ type: CREDENTIALS[cluster.auth.scheme], uri: cluster.auth.secret }]
      : [];
  }
  const { auth, rootCaSecret, vpc } = cluster;
  return [
    ...selfManagedAuth(auth),
    ...(rootCaSecret === null ? [] : [{ type: 'SERVER_ROOT_CA_CERTIFICATE', uri: rootCaSecret }]),
    ...(vpc?.subnetIds ?? []).map((id) => ({ type: 'VPC_SUBNET', uri: `subnet:${id}` })),
    ...(vpc?.securityGroupIds ?? []).map((id) => ({
      type: 'VPC_SECURITY_GROUP',
      uri: `security_group:${id}`,
    })),
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/kafka-cluster-auth.html */
function selfManagedAuth(auth: SelfManagedCluster['auth']): readonly AccessConfiguration[] {
  switch (auth.scheme) {
    case 'none':
      return [];
    case 'iam':
      return [{ type: 'IAM_AUTH' }];
    case 'iam-oauth':
      return [{ type: 'IAM_OAUTHBEARER_AUTH' }, { type: 'OAUTHBEARER_AUDIENCE', uri: auth.audience }];
    case 'oauth': {
      const values: readonly (readonly [string, string | null])[] = [
        ['OAUTHBEARER_SCOPE', auth.scope],
        ['OAUTHBEARER_AUDIENCE', auth.audience],
        ['OAUTHBEARER_LOGICAL_CLUSTER', auth.logicalCluster],
        ['OAUTHBEARER_IDENTITY_POOL', auth.identityPool],
      ];
      return [
        { type: CREDENTIALS.oauth, uri: auth.secret },
        ...values.flatMap(([type, uri]) => (uri === null ? [] : [{ type, uri }])),
      ];
    }
    case 'plain':
    case 'scram-256':
    case 'scram-512':
    case 'mtls':
      return [{ type: CREDENTIALS[auth.scheme], uri: auth.secret }];
  }
}

/** The pollers act with the role of the function that they invoke. */
export function grantKafkaAccess(fn: PipelineFunction, source: CompiledKafkaSource): void {
  const { cluster } = source;
  if ('secret' in cluster.auth) {
    const { secret, kmsKeyArn } = cluster.auth;
    fn.bindSecretRead(secret);
    if (kmsKeyArn !== undefined) fn.bindDecrypt(kmsKeyArn);
  }
  if (cluster.kind === 'self-managed') {
    const { auth } = cluster;
    if (auth.scheme === 'iam') grantKafkaActions(fn, source, auth.clusterArn);
    if (auth.scheme === 'iam-oauth') grantWebIdentityToken(fn, auth.audience);
    if (cluster.rootCaSecret !== null) fn.bindSecretRead(cluster.rootCaSecret);
    if (cluster.vpc !== null) grantPollerNetwork(fn);
    return;
  }
  grantPollerNetwork(fn);
  Grant.addToPrincipal({
    grantee: fn,
    actions: ['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'],
    resourceArns: [cluster.clusterArn],
  });
  if (cluster.auth.scheme === 'iam') grantKafkaActions(fn, source, cluster.clusterArn);
  if (cluster.auth.scheme === 'scram-512') {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['kafka:ListScramSecrets'],
      resourceArns: [cluster.clusterArn],
    });
  }
}

/** https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html: which action is checked against what. */
function grantKafkaActions(fn: PipelineFunction, source: CompiledKafkaSource, clusterArn: string): void {
  const arnOf = (kind: 'topic' | 'group', name: string): string =>
    `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`;
  // Lambda names the group after the mapping, whose id is not known before it is made. With `consumerGroup` the wildcard
  // stays, too: whether a mapping takes over a group id that is added to it later is not documented, and while it
  // still uses the old one a narrower grant would stop it.
  const group = arnOf('group', '*');
  Grant.addToPrincipal({
    grantee: fn,
    actions: ['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'],
    resourceArns: [clusterArn],
  });
  Grant.addToPrincipal({
    grantee: fn,
    actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
    resourceArns: source.topics.map((topic) => arnOf('topic', topic)),
  });
  Grant.addToPrincipal({
    grantee: fn,
    actions: ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
    resourceArns: [group],
  });
  Validations.of(fn).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${group}]`,
    reason:
      'Lambda names the group after the event source mapping, whose id is not known before the policy is made. ' +
      'The grant covers the groups of this one cluster.',
  });
}

/**
 * Lambda signs a token of AWS for the role. The action knows no resources; the audience limits what the token is good for.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
 */
function grantWebIdentityToken(fn: PipelineFunction, audience: string): void {
  Grant.addToPrincipal({
    grantee: fn,
    actions: ['sts:GetWebIdentityToken'],
    resourceArns: ['*'],
    conditions: {
      'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': [audience] },
      'Null': { 'sts:IdentityTokenAudience': 'false' },
    },
  });
  acknowledgeAnyResource(fn);
}

/** Actions of EC2 and STS that AWS checks against no resource. */
function acknowledgeAnyResource(fn: PipelineFunction): void {
  Validations.of(fn).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'AWS checks these actions against no resource: those with which pollers join the network of the brokers, and ' +
      'the one that gets a token for one audience.',
  });
}

function grantPollerNetwork(fn: PipelineFunction): void {
  Grant.addToPrincipal({
    grantee: fn,
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
    ],
    resourceArns: ['*'],
  });
  acknowledgeAnyResource(fn);
}
