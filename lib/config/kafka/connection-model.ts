/** The connection to the brokers of a Kafka source: credentials, certificates and network. */
import { z } from 'zod';
import { secretKmsKey } from '../deployment/kms-key.ts';
import { secretName } from '../scalars/secret-name.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { kmsKeyArn } from '../scalars/kms-key-arn.ts';
import { securityGroupId, subnetId } from './kafka-scalars.ts';

export const kafkaAuth = z
  .union([
    z
      .enum(['none', 'iam'])
      .describe(
        '`none`: the brokers require no credentials. `iam`: the role of the function authenticates (MSK only).',
      ),
    strictMap(
      {
        scheme: z
          .enum(['plain', 'scram-256', 'scram-512', 'mtls'])
          .describe(
            'SASL/PLAIN, SASL/SCRAM-SHA-256, SASL/SCRAM-SHA-512 or a client certificate. MSK accepts `scram-512` and `mtls`.',
          ),
        secret: secretName.describe(
          'ARN of a secret: `{"username": …, "password": …}`, or for `mtls` `{"certificate": …, "privateKey": …, "privateKeyPassword": …}`. For `scram-512` on MSK its name starts with `AmazonMSK_`.',
        ),
        kmsKey: kmsKeyArn
          .optional()
          .describe(
            'The customer managed key that encrypts the secret, with which Lambda decrypts it. MSK accepts only secrets under a customer managed key.',
          ),
      },
      'Credentials in AWS Secrets Manager.',
    ),
  ])
  .describe('How Lambda authenticates to the brokers. Mandatory, even if it is `none`.');

export const rootCaModel = strictMap(
  {
    secret: secretName.describe('ARN of a secret: `{"certificate": …}`, the PEM text of the CA.'),
    kmsKey: secretKmsKey,
  },
  "The CA that signed the brokers' certificates, unless it is a public one. Self-managed clusters only.",
);

export const vpcModel = strictMap(
  {
    subnets: z.array(subnetId).min(1).describe('Subnets from which the brokers can be reached.'),
    securityGroups: z.array(securityGroupId).min(1).describe('Security groups that may reach the brokers.'),
  },
  'The network from which Lambda connects to a self-managed cluster. For MSK it is the network of the cluster.',
);
