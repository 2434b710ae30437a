import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { countResources } from '../../infra/resource-limit.ts';
import type { CompiledTable } from '../../lib/compiled-config/compiled.ts';
import {
  makeCompiledConfig,
  makeRoute,
  makeSqsSource,
  SAMPLE_WINDOW,
} from '../support/builders/compiled-config.ts';
import { synthesizeStack } from '../support/parts/synthesized-stack.ts';
import { propertiesOf } from '../support/parts/template-queries.ts';

const provisioned = {
  minWriteUnits: 400,
  maxWriteUnits: 2000,
  minReadUnits: 5,
  maxReadUnits: 100,
  targetUtilization: 0.7,
} as const;

function synthesize(table: CompiledTable, { windows = false } = {}) {
  const sources = [makeSqsSource()];
  const routes = [makeRoute({ from: ['jobs'], ...(windows && { coalesce: SAMPLE_WINDOW }) })];
  return synthesizeStack({ config: makeCompiledConfig(sources, { table, routes }) });
}

describe('the table', () => {
  it('is billed by request, with point-in-time recovery and expiry', () => {
    const { template } = synthesize({ kind: 'own', pointInTimeRecovery: true });
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      BillingMode: 'PAY_PER_REQUEST',
      WarmThroughput: Match.absent(),
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 0);
  });

  it('with provisioned capacity scales its reads and writes, and those of its index', () => {
    const { template } = synthesize(
      { kind: 'own', pointInTimeRecovery: true, provisioned },
      { windows: true },
    );
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      // CloudFormation's default, which CDK leaves out.
      BillingMode: Match.absent(),
      ProvisionedThroughput: { WriteCapacityUnits: 400, ReadCapacityUnits: 5 },
      GlobalSecondaryIndexes: [
        Match.objectLike({ ProvisionedThroughput: { WriteCapacityUnits: 100, ReadCapacityUnits: 1 } }),
      ],
    });
    const targets = propertiesOf(template, 'AWS::ApplicationAutoScaling::ScalableTarget');
    expect(
      targets
        .map(({ ScalableDimension, MinCapacity, MaxCapacity }) => [
          ScalableDimension,
          MinCapacity,
          MaxCapacity,
        ])
        .sort(),
    ).toEqual([
      ['dynamodb:index:ReadCapacityUnits', 1, 100],
      ['dynamodb:index:WriteCapacityUnits', 100, 2000],
      ['dynamodb:table:ReadCapacityUnits', 5, 100],
      ['dynamodb:table:WriteCapacityUnits', 400, 2000],
    ]);
    const policies = propertiesOf(template, 'AWS::ApplicationAutoScaling::ScalingPolicy');
    expect(policies).toHaveLength(4);
    for (const policy of policies) {
      expect(policy).toMatchObject({ TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 } });
    }
  });

  it('provisions the least for its index where no route has windows', () => {
    const { template } = synthesize({ kind: 'own', pointInTimeRecovery: true, provisioned });
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      GlobalSecondaryIndexes: [
        Match.objectLike({ ProvisionedThroughput: { WriteCapacityUnits: 1, ReadCapacityUnits: 1 } }),
      ],
    });
  });

  it('with auto scaling has as many more resources as sluice validate adds', () => {
    const onDemand = synthesize({ kind: 'own', pointInTimeRecovery: true }).stack;
    const scaled = synthesize({ kind: 'own', pointInTimeRecovery: true, provisioned }).stack;
    expect(countResources(scaled) - countResources(onDemand)).toBe(8);
  });

  it('is warm from its creation where the configuration says so', () => {
    const { template } = synthesize({
      kind: 'own',
      pointInTimeRecovery: true,
      warmThroughput: { writeUnits: 12_000, readUnits: 24_000 },
    });
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      WarmThroughput: { WriteUnitsPerSecond: 12_000, ReadUnitsPerSecond: 24_000 },
    });
  });

  it('has no backups where the configuration says so', () => {
    const { template } = synthesize({ kind: 'own', pointInTimeRecovery: false });
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
    });
  });

  it('that exists is used under its name, with permissions on it and its index, and none is created', () => {
    const { wholeTemplate } = synthesize({ kind: 'existing', name: 'Kept' }, { windows: true });
    wholeTemplate.resourceCountIs('AWS::DynamoDB::Table', 0);
    const variables = propertiesOf(wholeTemplate, 'AWS::Lambda::Function').map(
      ({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables,
    );
    expect(variables.length).toBe(3);
    for (const { SLUICE_TABLE_NAME } of variables) expect(SLUICE_TABLE_NAME).toBe('Kept');
    const policies = JSON.stringify(propertiesOf(wholeTemplate, 'AWS::IAM::Policy'));
    expect(policies).toContain(':table/Kept"');
    expect(policies).toContain(':table/Kept/index/');
    expect(JSON.stringify(wholeTemplate.toJSON())).toContain('"Value":"Kept"');
  });
});
