/** `schemaRegistry` of a Kafka source. */
import { z } from 'zod';
import { secretKmsKey } from '../deployment/kms-key.ts';
import { secretName } from '../scalars/secret-name.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { oauthText, region, registryUrl } from './kafka-scalars.ts';

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
          .describe(
            'A secret that holds `{"username": …, "password": …}`, or `{"oauthTokenEndpointUrl": …, "oauthClientId": …, "oauthClientSecret": …}`. Default: no credentials.',
          ),
        kmsKey: secretKmsKey,
        oauth: strictMap(
          {
            scope: oauthText('schemas.read')
              .optional()
              .describe('The scopes of the token, with spaces between them.'),
            audience: oauthText('https://registry.example.com')
              .optional()
              .describe('The audience of the token.'),
            logicalCluster: oauthText('lsrc-a1b2c3')
              .optional()
              .describe('The registry of Confluent Cloud: its logical cluster.'),
            identityPool: oauthText('pool-a1b2').optional().describe('The identity pool of Confluent Cloud.'),
          },
          'What the identity provider and Confluent Cloud want to know, where the secret is one of OAuth.',
        ).optional(),
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
