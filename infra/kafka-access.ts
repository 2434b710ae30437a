/**
 * How Lambda's pollers get at a Kafka cluster, and what the role of the function has to allow for it. Exactly what
 * AWS documents for each variant:
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-permissions.html
 */
import { Validations } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import {
  SourceAccessConfigurationType as AccessType,
  type SourceAccessConfiguration,
} from 'aws-cdk-lib/aws-lambda';
import type { CompiledKafkaCluster, CompiledKafkaSource } from '../lib/compiled-config/compiled.ts';
import type { PipelineFunction } from './pipeline-function.ts';

const ACCESS_TYPES = {
  'plain': AccessType.BASIC_AUTH,
  'scram-256': AccessType.SASL_SCRAM_256_AUTH,
  'scram-512': AccessType.SASL_SCRAM_512_AUTH,
  'mtls': AccessType.CLIENT_CERTIFICATE_TLS_AUTH,
} as const;

/** Return an empty list where Lambda needs no settings: MSK with IAM, with TLS, or without authentication. */
export function accessConfigurations(cluster: CompiledKafkaCluster): SourceAccessConfiguration[] {
  const credentials =
    'secret' in cluster.auth ? [{ type: ACCESS_TYPES[cluster.auth.scheme], uri: cluster.auth.secret }] : [];
  if (cluster.kind === 'msk') return credentials;
  const { rootCaSecret, vpc } = cluster;
  return [
    ...credentials,
    ...(rootCaSecret === null ? [] : [{ type: AccessType.SERVER_ROOT_CA_CERTIFICATE, uri: rootCaSecret }]),
    ...(vpc?.subnetIds ?? []).map((id) => ({ type: AccessType.VPC_SUBNET, uri: `subnet:${id}` })),
    ...(vpc?.securityGroupIds ?? []).map((id) => ({
      type: AccessType.VPC_SECURITY_GROUP,
      uri: `security_group:${id}`,
    })),
  ];
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
  Validations.of(fn).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda checks these EC2 actions against no resource; its pollers cannot join the network of the brokers without.',
  });
}
