/** The fields of a Kafka source that are sound in themselves; null stands for what is broken, undefined for absent. */
import { z } from 'zod';
import { bootstrapServer, clusterArn, consumerGroup, topic } from './model/kafka-leaf.ts';
import { kafkaAuth, kafkaFormat, provisionedModel, startingPosition } from './model/kafka-source-model.ts';
import { secretName } from './model/prefect-model.ts';
import { readSound } from './sound-value.ts';
import { valueAt } from '../json/value-at.ts';

export interface SoundKafka {
  readonly cluster: string | null | undefined;
  readonly bootstrapServers: readonly string[] | null | undefined;
  readonly auth: z.output<typeof kafkaAuth> | null;
  readonly rootCaSecret: string | null | undefined;
  readonly topics: readonly string[] | null;
  readonly consumerGroup: string | null | undefined;
  readonly startingPosition: z.output<typeof startingPosition> | null;
  readonly provisioned: z.output<typeof provisionedModel> | null | undefined;
  readonly format: z.output<typeof kafkaFormat> | null;
  /** Which fields are written, whatever their value. */
  readonly has: (field: string) => boolean;
  /** How many entries a list has that is written at this place; null where there is no list. */
  readonly lengthOf: (...path: readonly string[]) => number | null;
}

export function readSoundKafka(source: unknown): SoundKafka {
  const at = (...path: readonly string[]): unknown => valueAt(source, path);
  const read = <Model extends z.ZodType>(model: Model, ...path: readonly string[]): z.output<Model> | null =>
    readSound(model, at(...path));
  return {
    cluster: read(clusterArn.optional(), 'cluster'),
    bootstrapServers: read(z.array(bootstrapServer).optional(), 'bootstrapServers'),
    auth: read(kafkaAuth, 'auth'),
    rootCaSecret: read(secretName.optional(), 'rootCa', 'secret'),
    topics: read(z.array(topic), 'topics'),
    consumerGroup: read(consumerGroup.optional(), 'consumerGroup'),
    startingPosition: read(startingPosition, 'startingPosition'),
    provisioned: read(provisionedModel.optional(), 'provisioned'),
    format: read(kafkaFormat, 'format'),
    has: (field) => at(field) !== undefined,
    lengthOf: (...path) => {
      const list = at(...path);
      return Array.isArray(list) ? list.length : null;
    },
  };
}
