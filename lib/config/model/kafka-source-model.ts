/** Topics of a Kafka cluster, on Amazon MSK or anywhere else, and how Lambda reads them. */
import { z } from 'zod';
import { durationFromZeroInSeconds, durationInSeconds } from './duration.ts';
import { eventType, functionModel, order, unwrap } from './source-fields.ts';
import {
  bootstrapServer,
  clusterArn,
  consumerGroup,
  kmsKeyArn,
  region,
  registryUrl,
  securityGroupId,
  subnetId,
  timeInEpochSeconds,
  topic,
} from './kafka-leaf.ts';
import { wholeNumber } from './leaf.ts';
import { strictMap } from './object.ts';
import { secretName } from './prefect-model.ts';

export const kafkaAuth = z
  .union([
    z
      .enum(['none', 'iam'])
      .describe(
        '`none`: the brokers ask for no credentials. `iam`: the role of the function authenticates (MSK only).',
      ),
    strictMap(
      {
        scheme: z
          .enum(['plain', 'scram-256', 'scram-512', 'mtls'])
          .describe(
            'SASL/PLAIN, SASL/SCRAM-SHA-256, SASL/SCRAM-SHA-512 or a client certificate. MSK knows `scram-512` and `mtls`.',
          ),
        secret: secretName.describe(
          'ARN of a secret: `{"username": …, "password": …}`, or for `mtls` `{"certificate": …, "privateKey": …, "privateKeyPassword": …}`. For `scram-512` on MSK its name starts with `AmazonMSK_`.',
        ),
        kmsKey: kmsKeyArn
          .optional()
          .describe(
            'The customer managed key that encrypts the secret, which Lambda has to decrypt it with. MSK takes no secrets under another one.',
          ),
      },
      'Credentials in AWS Secrets Manager.',
    ),
  ])
  .describe('How Lambda authenticates to the brokers. Mandatory, also where it is `none`.');

export const startingPosition = z
  .union([
    z.enum(['TRIM_HORIZON', 'LATEST']),
    strictMap(
      {
        at: timeInEpochSeconds.describe('Records from this time on, which must not be in the future.'),
      },
      'A time instead of an end of the topic.',
    ),
  ])
  .prefault('TRIM_HORIZON')
  .describe(
    'Where a consumer group starts that has committed nothing yet: at the oldest record, the newest, or a time. The oldest by default, since `LATEST` misses what is written in the minutes in which Lambda makes the mapping.',
  );

export const provisionedModel = strictMap(
  {
    minPollers: wholeNumber({ minimum: 1, maximum: 200 })
      .prefault(1)
      .describe('Pollers that always run, for each topic. Ten of them are one billed unit.'),
    maxPollers: wholeNumber({ minimum: 1, maximum: 2000 })
      .prefault(10)
      .describe('Most pollers for each topic; Lambda uses no more than the topic has partitions.'),
  },
  'Pollers of your own, which are billed while they exist: from about $133 a month. With them a batch is not delivered again for the sake of a few records.',
);

export const vpcModel = strictMap(
  {
    subnets: z.array(subnetId).describe('Subnets from which the brokers can be reached.'),
    securityGroups: z.array(securityGroupId).describe('Security groups that may reach the brokers.'),
  },
  'The network from which Lambda connects to a self-managed cluster. For MSK it is that of the cluster.',
);

const schemaRegistry = z
  .discriminatedUnion('type', [
    strictMap(
      {
        type: z
          .literal('confluent')
          .describe("A registry with Confluent's API: Confluent, Apicurio, Karapace."),
        url: registryUrl.describe('Its URL, with the path before `/schemas/ids`.'),
        secret: secretName
          .optional()
          .describe('A secret that holds `{"username": …, "password": …}`. Default: no credentials.'),
      },
      "A registry with Confluent's API.",
    ),
    strictMap(
      {
        type: z.literal('glue').describe('AWS Glue Schema Registry.'),
        region: region.describe('The region of the registry, in the account of the stack.'),
      },
      'AWS Glue Schema Registry.',
    ),
  ])
  .describe('Where schemas are looked up, for the formats that need one.');

export const kafkaFormat = z
  .enum(['auto', 'json', 'cloudevents', 'text', 'binary', 'avro', 'protobuf', 'json-schema'])
  .prefault('auto')
  .describe(
    'How a value is decoded. `auto` goes by the content type and recognises CloudEvents; the others decide beforehand. `avro`, `protobuf` and `json-schema` are framed with the id of a schema and need a `schemaRegistry`.',
  );

export const kafkaTopics = z
  .array(topic)
  .describe('Topics to read. Lambda makes one event source mapping for each, and one function for all.');

export const topicRetention = durationInSeconds({
  minimum: '1m',
  maximum: '10000d',
  examples: ['7d'],
}).describe(
  "How long the topics keep a record (`retention.ms`), which Sluice cannot see. It changes nothing but the warning about a `dedupe.retention` that is shorter. Default: 7d, Kafka's own.",
);

export const kafkaSourceModel = strictMap(
  {
    type: z.literal('kafka').describe('Topics of a Kafka cluster.'),
    cluster: clusterArn
      .optional()
      .describe('The MSK cluster, provisioned or serverless, in the account and region of the stack.'),
    bootstrapServers: z
      .array(bootstrapServer)
      .optional()
      .describe('In place of `cluster`: brokers of a cluster that is not MSK.'),
    auth: kafkaAuth,
    rootCa: strictMap(
      {
        secret: secretName.describe('ARN of a secret: `{"certificate": …}`, the PEM text of the CA.'),
      },
      "The CA that signed the brokers' certificates, where it is not a public one. Self-managed clusters only.",
    ).optional(),
    vpc: vpcModel.optional(),
    topics: kafkaTopics,
    consumerGroup: consumerGroup
      .optional()
      .describe(
        'Consumer group id, for a source of one topic. It cannot be changed afterwards. Default: the id of the event source mapping.',
      ),
    startingPosition,
    retention: topicRetention.optional(),
    order,
    batchSize: wholeNumber({ minimum: 1, maximum: 10_000 })
      .prefault(1000)
      .describe('Most records in one invocation, of several partitions. Lambda also stops at 6 MB.'),
    batchWindow: durationFromZeroInSeconds({ maximum: '5m', examples: ['1s'] })
      .prefault('1s')
      .describe(
        "How long Lambda gathers records before it invokes the function. Lambda's own default of 500 ms cannot be written.",
      ),
    provisioned: provisionedModel
      .optional()
      .describe(
        'Default: on-demand pollers, which cost nothing. They deliver a whole batch again as soon as one of its records has to come again; what is in a flow run already is recognised as a duplicate.',
      ),
    schemaRegistry: schemaRegistry.optional(),
    format: kafkaFormat,
    unwrap,
    eventType: eventType
      .optional()
      .describe('The CloudEvents `type` of events that do not bring one. Default: `sluice.kafka.received`.'),
    function: functionModel,
  },
  'Events are the records of Kafka topics.',
);

export type KafkaSourceConfiguration = z.output<typeof kafkaSourceModel>;
