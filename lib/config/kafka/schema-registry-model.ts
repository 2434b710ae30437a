/** `schemaRegistry` of a Kafka source. */
import { z } from 'zod';
import { secretKmsKey } from '../deployment/kms-key.ts';
import { secretName } from '../scalars/secret-name.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { region, registryUrl } from './kafka-scalars.ts';

export const schemaRegistry = z
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
        kmsKey: secretKmsKey,
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
