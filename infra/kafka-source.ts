/** A Kafka source: topics of a cluster → an event source mapping each → one function. The cluster stays the user's. */
import { Annotations, Duration, Names } from 'aws-cdk-lib';
import {
  CfnAlias,
  CfnEventSourceMapping,
  EventSourceMapping,
  MetricType,
  StartingPosition,
  type EventSourceMappingOptions,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { CompiledKafkaSource } from '../lib/compiled-config/compiled.ts';
import { PARTIAL_FAILURES_ALIAS } from '../lib/compiled-config/partial-failures-alias.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { accessConfigurations, grantKafkaAccess } from './kafka-access.ts';
import { kafkaWarnings } from './kafka-warnings.ts';
import { mappingFilters } from './mapping-filters.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import { grantRegistryAccess } from './schema-registry-access.ts';
import { expectEventsEvery, type Backlog, type DeployedSource, type SourceContext } from './source.ts';
import { TriggerFunction } from './trigger-function.ts';

export interface KafkaSourceProps {
  readonly source: CompiledKafkaSource;
  readonly context: SourceContext;
}

export class KafkaSource extends Construct implements DeployedSource {
  readonly sourceName: string;
  readonly backlog: Backlog;
  readonly deadLetters: DeadLetterQueue;
  readonly trigger: PipelineFunction;
  readonly expectEventsEvery: Duration | undefined;

  constructor(scope: Construct, id: string, props: KafkaSourceProps) {
    super(scope, id);
    const { source, context } = props;
    this.sourceName = source.name;
    this.expectEventsEvery = expectEventsEvery(source);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { removalPolicy: context.removalPolicy });
    this.trigger = new TriggerFunction(this, 'Trigger', {
      handler: 'kafka-trigger',
      source,
      deadLetters: this.deadLetters,
      context,
    });
    grantKafkaAccess(this.trigger, source);
    if (source.schemaRegistry !== null) grantRegistryAccess(this.trigger, source.schemaRegistry);

    const options: EventSourceMappingOptions = {
      ...clusterOptions(source),
      ...startingOptions(source),
      ...this.#pollerOptions(source),
      ...(source.filterCriteria !== undefined && { filters: mappingFilters(source.filterCriteria) }),
      batchSize: source.batchSize,
      maxBatchingWindow: Duration.seconds(source.batchWindowSeconds),
    };
    const alias = source.provisioned === null ? null : this.#createAlias();
    // A mapping reads one topic. Its id is the topic, so that a list in another order replaces none of them.
    const mappings = new Construct(this, 'Topics');
    const mappingIds = source.topics.map((topic) => {
      const mapping = new EventSourceMapping(mappings, topic, {
        ...options,
        ...groupOptions(source, topic),
        kafkaTopic: topic,
        target: this.trigger.function,
      });
      setAccess(mapping, source.cluster);
      if (alias !== null) setFunctionName(mapping, alias.ref);
      return mapping.eventSourceMappingId;
    });
    this.backlog = {
      kind: 'topics',
      batchSize: source.batchSize,
      reportsPartialFailures: source.provisioned !== null,
      mappingIds,
    };
    for (const { id, text } of kafkaWarnings(source)) {
      Annotations.of(this).addInfoV2(id, `Source ${source.name}: ${text}`);
    }
  }

  /**
   * The function responds with partial failures only when it is invoked by this alias, which is a setting of the mapping
   * like the pollers: CloudFormation updates the function first, and in between the mapping is still the old one.
   */
  #createAlias(): CfnAlias {
    return new CfnAlias(this, 'PartialFailures', {
      name: PARTIAL_FAILURES_ALIAS,
      functionName: this.trigger.function.functionName,
      functionVersion: '$LATEST',
    });
  }

  /**
   * Only provisioned pollers take settings about failures. Retries have no limit and there is no destination for what
   * failed: the function itself dead-letters what is wrong with an event, and all else has to wait for Prefect.
   */
  #pollerOptions({ provisioned, topics }: CompiledKafkaSource): Partial<EventSourceMappingOptions> {
    if (provisioned === null) return {};
    return {
      reportBatchItemFailures: true,
      // Whether the pollers can read at all: the state of the mapping says it, too, but no alarm can look at that.
      metricsConfig: { metrics: [MetricType.ERROR_COUNT, MetricType.KAFKA_METRICS] },
      // For a batch that the function cannot finish at all, for want of memory or time.
      bisectBatchOnError: true,
      retryAttempts: -1,
      provisionedPollerConfig: {
        minimumPollers: provisioned.minPollers,
        maximumPollers: provisioned.maxPollers,
        // Mappings of one group share what is billed: ten pollers are one unit.
        ...(topics.length > 1 && { pollerGroupName: Names.uniqueResourceName(this, { maxLength: 128 }) }),
      },
    };
  }
}

function clusterOptions({ cluster }: CompiledKafkaSource): Partial<EventSourceMappingOptions> {
  return cluster.kind === 'msk'
    ? { eventSourceArn: cluster.clusterArn }
    : { kafkaBootstrapServers: [...cluster.bootstrapServers] };
}

/** The construct of CDK takes a function only. */
function setFunctionName(mapping: EventSourceMapping, functionName: string): void {
  const { defaultChild } = mapping.node;
  if (defaultChild instanceof CfnEventSourceMapping) defaultChild.functionName = functionName;
}

function groupOptions(
  { consumerGroupId, consumerGroupPrefix }: CompiledKafkaSource,
  topic: string,
): Partial<EventSourceMappingOptions> {
  if (consumerGroupId !== null) return { kafkaConsumerGroupId: consumerGroupId };
  return consumerGroupPrefix === undefined ? {} : { kafkaConsumerGroupId: `${consumerGroupPrefix}${topic}` };
}

function setAccess(mapping: EventSourceMapping, cluster: CompiledKafkaSource['cluster']): void {
  const access = accessConfigurations(cluster);
  const resource = mapping.node.defaultChild;
  if (access.length > 0 && resource instanceof CfnEventSourceMapping) {
    resource.sourceAccessConfigurations = access;
  }
}

function startingOptions({ startingPosition }: CompiledKafkaSource): Partial<EventSourceMappingOptions> {
  switch (startingPosition.at) {
    case 'TRIM_HORIZON':
      return { startingPosition: StartingPosition.TRIM_HORIZON };
    case 'LATEST':
      return { startingPosition: StartingPosition.LATEST };
    case 'AT_TIMESTAMP':
      return {
        startingPosition: StartingPosition.AT_TIMESTAMP,
        startingPositionTimestamp: startingPosition.timestampEpochSeconds,
      };
  }
}
