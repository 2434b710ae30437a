/** The connection to the brokers of a Kafka source: credentials, certificates and network. */
import { z } from 'zod';
import { secretKmsKey } from '../deployment/kms-key.ts';
import { secretName } from '../scalars/secret-name.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { kmsKeyArn } from '../scalars/kms-key-arn.ts';
import { accessValue, clusterArn, securityGroupId, subnetId } from './kafka-scalars.ts';

const kmsKey = kmsKeyArn
  .optional()
  .describe(
    'The customer managed key that encrypts the secret, with which Lambda decrypts it. MSK accepts only secrets under a customer managed key.',
  );

const credentials = strictMap(
  {
    scheme: z
      .enum(['plain', 'scram-256', 'scram-512', 'mtls'])
      .describe(
        'SASL/PLAIN, SASL/SCRAM-SHA-256, SASL/SCRAM-SHA-512 or a client certificate. MSK accepts `scram-512` and `mtls`.',
      ),
    secret: secretName.describe(
      'ARN of a secret: `{"username": …, "password": …}`, or for `mtls` `{"certificate": …, "privateKey": …, "privateKeyPassword": …}`. For `scram-512` on MSK its name starts with `AmazonMSK_`.',
    ),
    kmsKey,
  },
  'Credentials in AWS Secrets Manager.',
);

const oauth = strictMap(
  {
    scheme: z
      .literal('oauth')
      .describe(
        'SASL/OAUTHBEARER: Lambda gets a token from your identity provider. Self-managed clusters only.',
      ),
    secret: secretName.describe(
      'ARN of a secret: `{"oauthTokenEndpointUrl": …, "oauthClientId": …, "oauthClientSecret": …}`, or with `oauthClientEmail` and `oauthPrivateKey` for the JWT bearer grant; `oauthIdpCaCertificate` for a private CA.',
    ),
    kmsKey,
    scope: accessValue('read:orders').optional().describe('The scope of the token, a single one.'),
    audience: accessValue('https://kafka.example.com').optional().describe('The audience of the token.'),
    logicalCluster: accessValue('lkc-a1b2c3')
      .optional()
      .describe('The logical cluster that Lambda names to the brokers, for Confluent Cloud.'),
    identityPool: accessValue('pool-a1b2')
      .optional()
      .describe('The identity pool that Lambda names to the brokers, for Confluent Cloud.'),
  },
  'OAuth 2.0, by client credentials or JWT bearer.',
);

const selfManagedIam = strictMap(
  {
    scheme: z
      .literal('iam')
      .describe(
        'The role of the function authenticates to an MSK cluster that is reached as `bootstrapServers`: by its own domain name, or in another account.',
      ),
    cluster: clusterArn.describe('The ARN of that MSK cluster, for the permissions of the role.'),
  },
  'IAM access control of an MSK cluster behind `bootstrapServers`.',
);

const iamOauth = strictMap(
  {
    scheme: z
      .literal('iam-oauth')
      .describe(
        'SASL/OAUTHBEARER with a token of AWS for the role of the function, without a secret. The brokers have to trust AWS as an OpenID Connect provider. Self-managed clusters only.',
      ),
    audience: accessValue('https://kafka.example.com').describe('The audience that the brokers expect.'),
  },
  'OAuth 2.0 with AWS as identity provider.',
);

export const kafkaAuth = z
  .union([
    z
      .enum(['none', 'iam'])
      .describe(
        '`none`: the brokers require no credentials. `iam`: the role of the function authenticates (MSK only).',
      ),
    z.discriminatedUnion('scheme', [credentials, oauth, selfManagedIam, iamOauth]),
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
