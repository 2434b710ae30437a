/**
 * Reads the settings of a Kafka event source mapping from its CloudFormation properties.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html
 */
import * as z from 'zod';

export interface MappingSettings {
  readonly topics: readonly string[];
  /** `null`: Lambda would generate one. */
  readonly consumerGroupId: string | null;
  readonly startingPosition: StartingPosition;
  readonly batchSize: number;
  readonly windowMs: number;
  /** On-demand pollers retry the whole batch without a limit; all failure settings need provisioned pollers. */
  readonly provisioned: ProvisionedSettings | null;
  /** `null` for a self-managed cluster. */
  readonly clusterArn: string | null;
  readonly bootstrapServers: readonly string[];
}

export type StartingPosition =
  | { readonly at: 'TRIM_HORIZON' | 'LATEST' }
  | { readonly at: 'AT_TIMESTAMP'; readonly timestampEpochMs: number };

export interface ProvisionedSettings {
  readonly minPollers: number;
  readonly reportsItemFailures: boolean;
  readonly bisects: boolean;
  /** `null`: no limit. */
  readonly maxRetries: number | null;
  readonly maxRecordAgeMs: number | null;
  readonly hasFailureDestination: boolean;
}

/** The mapping cannot be simulated, or Lambda would not accept it. */
export class MappingSettingsError extends Error {
  override readonly name = 'MappingSettingsError';
}

const ConsumerGroup = z.object({ ConsumerGroupId: z.string().optional() }).optional();

/** Values that are not literals in a template (mostly ARNs) are references to other resources. */
const Properties = z.object({
  Topics: z.array(z.string()).min(1),
  BatchSize: z.number().default(100),
  MaximumBatchingWindowInSeconds: z.number().default(0.5),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']),
  StartingPositionTimestamp: z.number().optional(),
  AmazonManagedKafkaEventSourceConfig: ConsumerGroup,
  SelfManagedKafkaEventSourceConfig: ConsumerGroup,
  SelfManagedEventSource: z
    .object({ Endpoints: z.object({ KafkaBootstrapServers: z.array(z.string()) }) })
    .optional(),
  EventSourceArn: z.unknown().optional(),
  ProvisionedPollerConfig: z.object({ MinimumPollers: z.number().default(1) }).optional(),
  FunctionResponseTypes: z.array(z.string()).default([]),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRetryAttempts: z.number().default(-1),
  MaximumRecordAgeInSeconds: z.number().default(-1),
  DestinationConfig: z.object({ OnFailure: z.unknown().optional() }).optional(),
});

/** With a failure destination, Lambda retries ten times instead of indefinitely. */
const RETRIES_WITH_DESTINATION = 10;

/** @throws {MappingSettingsError} */
export function mappingSettings(properties: unknown): MappingSettings {
  const parsed = Properties.safeParse(properties);
  if (!parsed.success) {
    throw new MappingSettingsError(
      `These are not valid settings of a Kafka mapping. ${z.prettifyError(parsed.error)}`,
    );
  }
  const settings = parsed.data;
  const { EventSourceArn: arn } = settings;
  return {
    topics: settings.Topics,
    consumerGroupId:
      settings.AmazonManagedKafkaEventSourceConfig?.ConsumerGroupId ??
      settings.SelfManagedKafkaEventSourceConfig?.ConsumerGroupId ??
      null,
    startingPosition: startingPosition(settings),
    batchSize: settings.BatchSize,
    windowMs: settings.MaximumBatchingWindowInSeconds * 1_000,
    provisioned: provisionedSettings(settings),
    clusterArn: arn === undefined ? null : typeof arn === 'string' ? arn : JSON.stringify(arn),
    bootstrapServers: settings.SelfManagedEventSource?.Endpoints.KafkaBootstrapServers ?? [],
  };
}

const Template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown().optional() })),
});

/** Read all Kafka mappings of a synthesized template, by logical id. @throws {MappingSettingsError} */
export function mappingsOfTemplate(template: unknown): ReadonlyMap<string, MappingSettings> {
  return new Map(
    Object.entries(Template.parse(template).Resources)
      .filter(([, { Type, Properties: properties }]) => isKafkaMapping(Type, properties))
      .map(([logicalId, { Properties: properties }]) => [logicalId, mappingSettings(properties)]),
  );
}

function isKafkaMapping(type: string, properties: unknown): boolean {
  const isMapping = type === 'AWS::Lambda::EventSourceMapping';
  return isMapping && typeof properties === 'object' && properties !== null && 'Topics' in properties;
}

type ParsedProperties = z.infer<typeof Properties>;

function startingPosition({
  StartingPosition,
  StartingPositionTimestamp,
}: ParsedProperties): StartingPosition {
  if (StartingPosition !== 'AT_TIMESTAMP') return { at: StartingPosition };
  if (StartingPositionTimestamp === undefined) {
    throw new MappingSettingsError(
      'AT_TIMESTAMP needs StartingPositionTimestamp, in seconds since the epoch.',
    );
  }
  return { at: 'AT_TIMESTAMP', timestampEpochMs: StartingPositionTimestamp * 1_000 };
}

function provisionedSettings(settings: ParsedProperties): ProvisionedSettings | null {
  const reportsItemFailures = settings.FunctionResponseTypes.includes('ReportBatchItemFailures');
  const { BisectBatchOnFunctionError: bisects, MaximumRetryAttempts, MaximumRecordAgeInSeconds } = settings;
  const hasRetrySettings =
    reportsItemFailures || bisects || MaximumRetryAttempts !== -1 || MaximumRecordAgeInSeconds !== -1;
  if (settings.ProvisionedPollerConfig === undefined) {
    if (!hasRetrySettings) return null;
    throw new MappingSettingsError(
      'Lambda refuses partial failures, bisection and limits of retrying without ProvisionedPollerConfig.',
    );
  }
  const hasFailureDestination = settings.DestinationConfig?.OnFailure !== undefined;
  const forEver = hasFailureDestination ? RETRIES_WITH_DESTINATION : null;
  return {
    minPollers: settings.ProvisionedPollerConfig.MinimumPollers,
    reportsItemFailures,
    bisects,
    maxRetries: MaximumRetryAttempts === -1 ? forEver : MaximumRetryAttempts,
    maxRecordAgeMs: MaximumRecordAgeInSeconds === -1 ? null : MaximumRecordAgeInSeconds * 1_000,
    hasFailureDestination,
  };
}
