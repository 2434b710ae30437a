/** `sources`: where events come from, by type. */
import { z } from 'zod';
import { eventBridgeSourceModel } from '../eventbridge/model.ts';
import { kafkaSourceModel } from '../kafka/model.ts';
import { httpSourceModel } from './http-model.ts';
import { sqsSourceModel } from './sqs-model.ts';

export const sourceModel = z.discriminatedUnion('type', [
  httpSourceModel,
  sqsSourceModel,
  eventBridgeSourceModel,
  kafkaSourceModel,
]);

export type SourceConfiguration = z.output<typeof sourceModel>;
