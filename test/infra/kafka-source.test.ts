import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { CompiledKafkaCluster, CompiledKafkaSource } from '../../lib/compiled-config/compiled.ts';
import { makeCompiledConfig, makeKafkaSource } from '../support/builders/compiled-config.ts';
import { synthesizeStack, type SynthesizedStack } from '../support/parts/synthesized-stack.ts';
import { allowStatements, propertiesOf } from '../support/parts/template-queries.ts';

const clusterArn = 'arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0b6b5e1c-2';
const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_orders-a1B2c3';
const caSecret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:kafka-ca-a1B2c3';

const selfManaged: Extract<CompiledKafkaCluster, { kind: 'self-managed' }> = {
  kind: 'self-managed',
  bootstrapServers: ['b1.internal:9096', 'b2.internal:9096'],
  auth: { scheme: 'none' },
  rootCaSecret: null,
  vpc: null,
};
const vpc = { subnetIds: ['subnet-01234567', 'subnet-89abcdef'], securityGroupIds: ['sg-01234567'] };

/** With provisioned pollers, so that a test is about one thing. */
const provisioned = { minPollers: 2, maxPollers: 6 };

function synthesize(overrides: Partial<CompiledKafkaSource> = {}): SynthesizedStack {
  return synthesizeStack({ config: makeCompiledConfig([makeKafkaSource(overrides)]) });
}

/** What the role may do beyond its log, the table, the dead letters and Prefect's secret. */
function kafkaStatements(template: Template): readonly (readonly [string, readonly string[]])[] {
  const common = /^(?:logs:|dynamodb:|sqs:)/;
  return allowStatements(template, /Trigger/)
    .filter(({ actions }) => !actions.some((action) => common.test(action)))
    .map(({ actions, resources }) => ({
      actions,
      // Statements on the same actions are merged.
      resources: resources.filter((resource) => !resource.includes('sluice/prefect')),
    }))
    .filter(({ resources }) => resources.length > 0)
    .map(({ actions, resources }) => [actions.join(' '), resources] as const);
}

const NETWORK = [
  'ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces ' +
    'ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs',
  ['*'],
];
/** https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html, "Configuring Lambda permissions for Amazon MSK" */
const MSK: readonly [string, readonly string[]] = [
  'kafka:DescribeClusterV2 kafka:GetBootstrapBrokers',
  [clusterArn],
];
const MSK_WITH_SCRAM = [`${MSK[0]} kafka:ListScramSecrets`, MSK[1]];
/** Also under a longer name: an ARN without its suffix may end like one that has it. */
const readSecret = (arn: string): unknown => ['secretsmanager:GetSecretValue', [arn, `${arn}-??????`]];

describe('the mapping of a topic', () => {
  it('with on-demand pollers has nothing that only provisioned ones take', () => {
    const { template } = synthesize();
    expect(propertiesOf(template, 'AWS::Lambda::EventSourceMapping')).toEqual([
      {
        FunctionName: { Ref: expect.stringContaining('Trigger') as string },
        EventSourceArn: clusterArn,
        Topics: ['orders'],
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 1000,
        MaximumBatchingWindowInSeconds: 1,
      },
    ]);
  });

  it('with provisioned pollers invokes an alias, by which the function knows that they accept partial failures', () => {
    const { template } = synthesize({ provisioned });
    const [alias] = Object.keys(template.findResources('AWS::Lambda::Alias'));
    template.hasResourceProperties('AWS::Lambda::Alias', {
      Name: 'partial-failures',
      FunctionVersion: '$LATEST',
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { FunctionName: { Ref: alias } });
    synthesize().template.resourceCountIs('AWS::Lambda::Alias', 0);
  });

  it('with provisioned pollers takes partial failures, retries without a limit and halves batches that crash', () => {
    const { template } = synthesize({ provisioned, consumerGroupId: 'sluice', batchWindowSeconds: 0 });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: Match.absent(),
      ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 6 },
      MaximumBatchingWindowInSeconds: 0,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'sluice' },
    });
  });

  it('has no destination for failures, which would end the retries after ten', () => {
    for (const pollers of [null, provisioned]) {
      const { template } = synthesize({ provisioned: pollers });
      template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
        DestinationConfig: Match.absent(),
        FilterCriteria: Match.absent(),
      });
    }
  });

  it('has the filters of the source, each as a JSON text, for every topic', () => {
    const filterCriteria = [{ value: { type: ['order.paid'] } }, { topic: ['orders'] }];
    const { template } = synthesize({ topics: ['orders', 'refunds'], filterCriteria });
    const filters = propertiesOf(template, 'AWS::Lambda::EventSourceMapping').map(
      ({ FilterCriteria }) => FilterCriteria,
    );
    const expected = { Filters: filterCriteria.map((each) => ({ Pattern: JSON.stringify(each) })) };
    expect(filters).toEqual([expected, expected]);
  });

  it('is one of several where there are several topics, which share their pollers and their function', () => {
    const { template } = synthesize({ topics: ['orders', 'orders.v2', 'orders-v2'], provisioned });
    const mappings = propertiesOf(template, 'AWS::Lambda::EventSourceMapping');
    expect(mappings.map(({ Topics }) => Topics)).toEqual([['orders'], ['orders.v2'], ['orders-v2']]);
    const groups = mappings.map(
      ({ ProvisionedPollerConfig }) =>
        (ProvisionedPollerConfig as { PollerGroupName: string }).PollerGroupName,
    );
    expect(new Set(groups).size).toBe(1);
    expect(groups[0]).toMatch(/^[A-Za-z0-9-]{1,128}$/);
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  it('has a consumer group of its own where the source has a prefix', () => {
    const { template } = synthesize({ topics: ['orders', 'refunds'], consumerGroupPrefix: 'sluice-' });
    const groups = propertiesOf(template, 'AWS::Lambda::EventSourceMapping').map(
      ({ AmazonManagedKafkaEventSourceConfig }) => AmazonManagedKafkaEventSourceConfig,
    );
    expect(groups).toEqual([{ ConsumerGroupId: 'sluice-orders' }, { ConsumerGroupId: 'sluice-refunds' }]);
  });

  it('is the same mapping when the topics are named in another order', () => {
    const ids = (topics: readonly string[]): readonly string[] =>
      Object.keys(synthesize({ topics }).template.findResources('AWS::Lambda::EventSourceMapping'));
    expect(ids(['a1', 'b1']).toSorted()).toEqual(ids(['b1', 'a1']).toSorted());
  });

  it.each([
    [{ at: 'LATEST' }, { StartingPosition: 'LATEST', StartingPositionTimestamp: Match.absent() }],
    [
      { at: 'AT_TIMESTAMP', timestampEpochSeconds: 1_769_817_600 },
      { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 1_769_817_600 },
    ],
  ] as const)('starts where it is told: %o', (startingPosition, properties) => {
    const { template } = synthesize({ startingPosition });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', properties);
  });

  it('is made after the permissions that Lambda checks when it is made', () => {
    const { template } = synthesize();
    template.hasResource('AWS::Lambda::Function', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('TriggerRoleDefaultPolicy')]),
    });
  });
});

describe('the access to MSK', () => {
  it.each([
    [{ scheme: 'none' }, Match.absent(), [NETWORK, MSK]],
    [
      { scheme: 'scram-512', secret },
      [{ Type: 'SASL_SCRAM_512_AUTH', URI: secret }],
      [readSecret(secret), NETWORK, MSK_WITH_SCRAM],
    ],
    [
      { scheme: 'mtls', secret },
      [{ Type: 'CLIENT_CERTIFICATE_TLS_AUTH', URI: secret }],
      [readSecret(secret), NETWORK, MSK],
    ],
  ] as const)('by %o is configured on the mapping and granted to the role', (auth, access, statements) => {
    const { template } = synthesize({ cluster: { kind: 'msk', clusterArn, auth } });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: clusterArn,
      SourceAccessConfigurations: access,
    });
    expect(kafkaStatements(template)).toEqual(statements);
  });

  it('with a secret under a key of its own may decrypt with that key', () => {
    const kmsKeyArn = 'arn:aws:kms:eu-west-1:123456789012:key/0b6b5e1c';
    const { template } = synthesize({
      cluster: { kind: 'msk', clusterArn, auth: { scheme: 'scram-512', secret, kmsKeyArn } },
    });
    expect(kafkaStatements(template)).toEqual([
      readSecret(secret),
      ['kms:Decrypt', [kmsKeyArn]],
      NETWORK,
      MSK_WITH_SCRAM,
    ]);
  });

  it('by IAM is limited to the cluster, the topics and the group', () => {
    const topics = ['orders', 'refunds'];
    const arnOf = (kind: string, name: string): string =>
      `${clusterArn.replace('cluster/', `${kind}/`)}/${name}`;
    const statements = (group: string): unknown => [
      NETWORK,
      [`kafka-cluster:Connect kafka-cluster:DescribeClusterDynamicConfiguration ${MSK[0]}`, [clusterArn]],
      ['kafka-cluster:DescribeTopic kafka-cluster:ReadData', topics.map((name) => arnOf('topic', name))],
      ['kafka-cluster:AlterGroup kafka-cluster:DescribeGroup', [arnOf('group', group)]],
    ];
    expect(kafkaStatements(synthesize({ topics }).template)).toEqual(statements('*'));
    // A mapping that was deployed without a group id may go on with its old group when one is added.
    const named = synthesize({ topics, consumerGroupId: 'sluice/orders' });
    expect(kafkaStatements(named.template)).toEqual(statements('*'));
  });
});

describe('the access to a self-managed cluster', () => {
  it.each([
    [{ scheme: 'none' }, Match.absent(), []],
    [{ scheme: 'plain', secret }, [{ Type: 'BASIC_AUTH', URI: secret }], [readSecret(secret)]],
    [{ scheme: 'scram-256', secret }, [{ Type: 'SASL_SCRAM_256_AUTH', URI: secret }], [readSecret(secret)]],
    [{ scheme: 'scram-512', secret }, [{ Type: 'SASL_SCRAM_512_AUTH', URI: secret }], [readSecret(secret)]],
    [
      { scheme: 'mtls', secret },
      [{ Type: 'CLIENT_CERTIFICATE_TLS_AUTH', URI: secret }],
      [readSecret(secret)],
    ],
  ] as const)('on the internet by %o needs the secret and nothing of EC2', (auth, access, statements) => {
    const { template } = synthesize({ cluster: { ...selfManaged, auth } });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: Match.absent(),
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: selfManaged.bootstrapServers } },
      SourceAccessConfigurations: access,
    });
    expect(kafkaStatements(template)).toEqual(statements);
  });

  it.each([
    [
      { scope: null, audience: null, logicalCluster: null, identityPool: null },
      [{ Type: 'OAUTHBEARER_AUTH', URI: secret }],
    ],
    [
      { scope: 'read', audience: 'kafka', logicalCluster: 'lkc-a1', identityPool: 'pool-a1' },
      [
        { Type: 'OAUTHBEARER_AUTH', URI: secret },
        { Type: 'OAUTHBEARER_SCOPE', URI: 'read' },
        { Type: 'OAUTHBEARER_AUDIENCE', URI: 'kafka' },
        { Type: 'OAUTHBEARER_LOGICAL_CLUSTER', URI: 'lkc-a1' },
        { Type: 'OAUTHBEARER_IDENTITY_POOL', URI: 'pool-a1' },
      ],
    ],
  ])(
    'by OAuth with %o reads the secret, and passes on what the identity provider wants',
    (values, access) => {
      const { template } = synthesize({
        cluster: { ...selfManaged, auth: { scheme: 'oauth', secret, ...values } },
      });
      template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
        SourceAccessConfigurations: access,
      });
      expect(kafkaStatements(template)).toEqual([readSecret(secret)]);
    },
  );

  it('by IAM of an MSK cluster behind it has no URI, and may use that cluster and its topics', () => {
    const { template } = synthesize({
      cluster: { ...selfManaged, auth: { scheme: 'iam', clusterArn }, rootCaSecret: caSecret },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      SourceAccessConfigurations: [
        { Type: 'IAM_AUTH', URI: Match.absent() },
        { Type: 'SERVER_ROOT_CA_CERTIFICATE', URI: caSecret },
      ],
    });
    expect(kafkaStatements(template)).toEqual([
      readSecret(caSecret),
      ['kafka-cluster:Connect kafka-cluster:DescribeClusterDynamicConfiguration', [clusterArn]],
      [
        'kafka-cluster:DescribeTopic kafka-cluster:ReadData',
        [`${clusterArn.replace('cluster/', 'topic/')}/orders`],
      ],
      [
        'kafka-cluster:AlterGroup kafka-cluster:DescribeGroup',
        [`${clusterArn.replace('cluster/', 'group/')}/*`],
      ],
    ]);
  });

  it('by a token of AWS may get one for this audience, and no other', () => {
    const { template } = synthesize({
      cluster: { ...selfManaged, auth: { scheme: 'iam-oauth', audience: 'https://kafka.example.com' } },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      SourceAccessConfigurations: [
        { Type: 'IAM_OAUTHBEARER_AUTH', URI: Match.absent() },
        { Type: 'OAUTHBEARER_AUDIENCE', URI: 'https://kafka.example.com' },
      ],
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: 'sts:GetWebIdentityToken',
            Effect: 'Allow',
            Resource: '*',
            Condition: {
              'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': ['https://kafka.example.com'] },
              'Null': { 'sts:IdentityTokenAudience': 'false' },
            },
          },
        ]),
      },
    });
  });

  it('in a VPC, with a CA of its own, is what AWS documents', () => {
    const { template } = synthesize({
      cluster: { ...selfManaged, rootCaSecret: caSecret, vpc },
      consumerGroupId: 'sluice',
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      SourceAccessConfigurations: [
        { Type: 'SERVER_ROOT_CA_CERTIFICATE', URI: caSecret },
        { Type: 'VPC_SUBNET', URI: 'subnet:subnet-01234567' },
        { Type: 'VPC_SUBNET', URI: 'subnet:subnet-89abcdef' },
        { Type: 'VPC_SECURITY_GROUP', URI: 'security_group:sg-01234567' },
      ],
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'sluice' },
    });
    expect(kafkaStatements(template)).toEqual([readSecret(caSecret), NETWORK]);
  });
});

describe('the access to a schema registry', () => {
  it('with credentials is the secret', () => {
    const { template } = synthesize({
      cluster: selfManaged,
      schemaRegistry: { kind: 'confluent', url: 'https://registry', authSecret: secret },
    });
    expect(kafkaStatements(template)).toEqual([readSecret(secret)]);
  });

  // https://docs.aws.amazon.com/glue/latest/dg/schema-registry-gs.html, "IAM examples for deserializers": a request by
  // schema version id is authorized against *, and refused to a role that is limited to registries and schemas.
  it('of AWS Glue is every schema version, since Glue allows no narrower resource', () => {
    const { template } = synthesize({
      cluster: selfManaged,
      schemaRegistry: { kind: 'glue', region: 'eu-north-1' },
    });
    expect(kafkaStatements(template)).toEqual([['glue:GetSchemaVersion', ['*']]]);
  });

  it('without credentials is nothing at all', () => {
    const { template } = synthesize({
      cluster: selfManaged,
      schemaRegistry: { kind: 'confluent', url: 'https://registry', authSecret: null },
    });
    expect(kafkaStatements(template)).toEqual([]);
  });
});

describe('what is printed at synth', () => {
  const notesOf = (overrides: Partial<CompiledKafkaSource>): readonly string[] =>
    Annotations.fromStack(synthesize(overrides).stack)
      .findInfo('*', Match.anyValue())
      .map(({ entry }) => JSON.stringify(entry.data))
      .filter((text) => text.includes('Source '));

  it.each([
    [['orders'], 1, '$133.20'],
    [['orders'], 11, '$266.40'],
    [['orders', 'refunds', 'returns'], 3, '$133.20'],
    [['orders', 'refunds', 'returns'], 4, '$266.40'],
  ])(
    'is the least that provisioned pollers cost: for %j with %i each it is %3$s',
    (topics, minPollers, price) => {
      const notes = notesOf({ topics, provisioned: { minPollers, maxPollers: 20 } });
      expect(notes).toHaveLength(1);
      expect(notes[0]).toContain(`Source orders-topic: Provisioned pollers cost at least ${price} a month`);
    },
  );

  it('is how on-demand pollers fail, and what network they need', () => {
    const [failures, network] = notesOf({});
    expect(failures).toContain('redeliver the whole batch');
    expect(failures).toContain('$133.20 a month');
    expect(network).toContain('reach Lambda and STS from the subnets of the cluster');
    expect(notesOf({ cluster: { ...selfManaged, rootCaSecret: caSecret, vpc } })[1]).toContain(
      'Lambda, STS and Secrets Manager from the subnets of vpc',
    );
    expect(notesOf({ cluster: selfManaged })).toHaveLength(1);
  });
});

describe('what is shown of a Kafka source', () => {
  it('has a row on the dashboard and the dead letters among the outputs', () => {
    const { template } = synthesize();
    const body = JSON.stringify(propertiesOf(template, 'AWS::CloudWatch::Dashboard'));
    expect(body).toContain('## orders-topic');
    expect(body).toContain('OffsetLag');
    expect(Object.keys(template.findOutputs('*'))).toEqual(['TableName', 'OrdersTopicDeadLettersUrl']);
  });
});
