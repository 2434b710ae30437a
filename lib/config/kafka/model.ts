/** Sources of type kafka: topics of a cluster, on Amazon MSK or elsewhere, and how Lambda reads them. */
import { z } from 'zod';
import { deploymentFields } from '../deployment/fields.ts';
import { filterCriteriaModel } from '../filter-criteria.ts';
import { order } from '../order.ts';
import { topicRetention } from '../retention/fields.ts';
import { durationFromZeroInSeconds } from '../scalars/duration.ts';
import { wholeNumber } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { eventTypeOf, functionModel, unwrap } from '../source-fields.ts';
import { kafkaAuth, rootCaModel, vpcModel } from './connection-model.ts';
import { bootstrapServer, clusterArn, consumerGroup, timeInEpochSeconds, topic } from './kafka-scalars.ts';
import { schemaRegistry } from './schema-registry-model.ts';

const startingPosition = z
  .union([
    z.enum(['TRIM_HORIZON', 'LATEST']),
    strictMap(
      {
        at: timeInEpochSeconds.describe('Records from this time on. It must not be in the future.'),
      },
      'A time instead of an end of the topic.',
    ),
  ])
  .prefault('TRIM_HORIZON')
  .describe(
    'Where a consumer group without committed offsets starts: at the oldest record, the newest, or a time. The oldest by default, since `LATEST` skips records produced while the mapping is being created.',
  );

const provisionedModel = strictMap(
  {
    minPollers: wholeNumber({ minimum: 1, maximum: 200 })
      .prefault(1)
      .describe('Pollers that always run, for each topic. Ten of them are billed as one unit.'),
    maxPollers: wholeNumber({ minimum: 1, maximum: 2000 })
      .prefault(10)
      .describe('Maximum of pollers for each topic; Lambda uses no more than the topic has partitions.'),
  },
  'Dedicated pollers, which are billed while they exist: from about $133 a month. With them only failed records are redelivered, and not their whole batch.',
);

const kafkaFormat = z
  .enum(['auto', 'json', 'cloudevents', 'text', 'binary', 'avro', 'protobuf', 'json-schema'])
  .prefault('auto')
  .describe(
    'How a value is decoded. `auto` goes by the content type and recognizes CloudEvents; the others decide beforehand. `avro`, `protobuf` and `json-schema` are framed with the id of a schema and need a `schemaRegistry`.',
  );

export const kafkaSourceModel = strictMap(
  {
    type: z.literal('kafka').describe('Topics of a Kafka cluster.'),
    cluster: clusterArn
      .optional()
      .describe('The MSK cluster, provisioned or serverless, in the account and region of the stack.'),
    bootstrapServers: z
      .array(bootstrapServer)
      .min(1)
      .optional()
      .describe('Instead of `cluster`: brokers of a cluster outside MSK.'),
    auth: kafkaAuth,
    rootCa: rootCaModel.optional(),
    vpc: vpcModel.optional(),
    topics: z
      .array(topic)
      .min(1)
      .describe(
        'Topics to read. Lambda creates one event source mapping for each, and one function for all.',
      ),
    consumerGroup: consumerGroup
      .optional()
      .describe(
        'Consumer group id, for a source of one topic. It cannot be changed later. Default: the id of the event source mapping.',
      ),
    consumerGroupPrefix: consumerGroup
      .optional()
      .describe(
        'Instead of `consumerGroup`, for a source of several topics: the group of each topic is this text and the name of the topic. It cannot be changed later.',
      ),
    startingPosition,
    retention: topicRetention,
    order,
    batchSize: wholeNumber({ minimum: 1, maximum: 10_000 })
      .prefault(1000)
      .describe('Maximum of records in one invocation, of several partitions. Lambda also stops at 6 MB.'),
    batchWindow: durationFromZeroInSeconds({ maximum: '5m', examples: ['1s'] })
      .prefault('1s')
      .describe(
        "How long Lambda gathers records before it invokes the function. Lambda's own default of 500 ms cannot be configured.",
      ),
    provisioned: provisionedModel
      .optional()
      .describe(
        'Default: on-demand pollers, which cost nothing. They redeliver a whole batch as soon as one of its records has to be redelivered; events that are already in a flow run are recognized as duplicates.',
      ),
    schemaRegistry: schemaRegistry.optional(),
    filterCriteria: filterCriteriaModel('kafka', { value: { type: ['order.paid'] } }),
    format: kafkaFormat,
    unwrap,
    eventType: eventTypeOf('sluice.kafka.received'),
    function: functionModel,
    ...deploymentFields,
  },
  'Events are the records of Kafka topics.',
);

export type KafkaSourceConfiguration = z.output<typeof kafkaSourceModel>;
