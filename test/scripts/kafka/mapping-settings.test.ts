import { describe, expect, it } from 'vitest';
import {
  mappingSettings,
  mappingsOfTemplate,
  MappingSettingsError,
} from '../../../scripts/kafka/mapping-settings.ts';

const onDemand = { Topics: ['orders'], StartingPosition: 'TRIM_HORIZON' };

describe('mappingSettings', () => {
  it("fills in Lambda's defaults", () => {
    expect(mappingSettings(onDemand)).toEqual({
      topics: ['orders'],
      consumerGroupId: null,
      startingPosition: { at: 'TRIM_HORIZON' },
      batchSize: 100,
      windowMs: 500,
      provisioned: null,
      clusterArn: null,
      bootstrapServers: [],
    });
  });

  it('reads everything that a provisioned mapping may say', () => {
    const settings = mappingSettings({
      ...onDemand,
      EventSourceArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/c/1',
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: 1_700_000_000,
      BatchSize: 1_000,
      MaximumBatchingWindowInSeconds: 5,
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'sluice-orders' },
      ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 4 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 7,
      MaximumRecordAgeInSeconds: 3_600,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Failures', 'Arn'] } } },
    });
    expect(settings).toMatchObject({
      clusterArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/c/1',
      startingPosition: { at: 'AT_TIMESTAMP', timestampEpochMs: 1_700_000_000_000 },
      batchSize: 1_000,
      windowMs: 5_000,
      consumerGroupId: 'sluice-orders',
      provisioned: {
        minPollers: 2,
        reportsItemFailures: true,
        bisects: true,
        maxRetries: 7,
        maxRecordAgeMs: 3_600_000,
        hasFailureDestination: true,
      },
    });
  });

  it('retries ten times where a failure destination meets retries without an end, as Lambda does', () => {
    const DestinationConfig = { OnFailure: { Destination: 'arn:aws:sqs:eu-west-1:123456789012:failures' } };
    const settings = mappingSettings({ ...onDemand, ProvisionedPollerConfig: {}, DestinationConfig });
    expect(settings.provisioned?.maxRetries).toBe(10);
  });

  it.each([
    { FunctionResponseTypes: ['ReportBatchItemFailures'] },
    { BisectBatchOnFunctionError: true },
    { MaximumRetryAttempts: 3 },
    { MaximumRecordAgeInSeconds: 60 },
  ])('refuses %j without provisioned pollers', (properties) => {
    expect(() => mappingSettings({ ...onDemand, ...properties })).toThrow('without ProvisionedPollerConfig');
  });

  it.each([{ Topics: [] }, { StartingPosition: 'NEWEST' }, { StartingPosition: 'AT_TIMESTAMP' }])(
    'refuses %j',
    (properties) => {
      expect(() => mappingSettings({ ...onDemand, ...properties })).toThrow(MappingSettingsError);
    },
  );
});

describe('mappingsOfTemplate', () => {
  it('finds the Kafka mappings among all resources', () => {
    const mapping = (properties: object) => ({
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: properties,
    });
    const template = {
      Resources: {
        Queue: { Type: 'AWS::SQS::Queue' },
        Jobs: mapping({ EventSourceArn: 'arn:aws:sqs:eu-west-1:123456789012:jobs' }),
        Orders: mapping({
          ...onDemand,
          SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['b1:9092', 'b2:9092'] } },
        }),
      },
    };
    const mappings = mappingsOfTemplate(template);
    expect([...mappings.keys()]).toEqual(['Orders']);
    expect(mappings.get('Orders')?.bootstrapServers).toEqual(['b1:9092', 'b2:9092']);
  });
});
