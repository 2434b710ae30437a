/** Schemes of `verify` for tokens, passwords, API keys, client certificates, JWTs and Amazon SNS. */
import { z } from 'zod';
import { secretKmsKey } from '../deployment/kms-key.ts';
import { describeValue } from '../issues/describe-value.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { secretName } from '../scalars/secret-name.ts';
import { header, ROTATION, signingSecret, url, words } from './fields.ts';

const token = (noun: string) =>
  secretName.describe(`A secret with ${noun}, ${ROTATION}; the id of the value that matched is logged.`);

export const bearer = strictMap(
  {
    scheme: z.literal('bearer').describe('`Authorization: Bearer <token>`.'),
    secret: token('the token'),
    kmsKey: secretKmsKey,
  },
  'A bearer token.',
);

export const basic = strictMap(
  {
    scheme: z.literal('basic').describe('`Authorization: Basic …`: a user name and a password.'),
    secret: token('`user:password`'),
    kmsKey: secretKmsKey,
  },
  'User name and password.',
);

export const apiKey = strictMap(
  {
    scheme: z.literal('api-key').describe('A key in a header.'),
    secret: token('the key'),
    kmsKey: secretKmsKey,
    header: header.prefault('X-Api-Key').describe('The header that the key is in.'),
  },
  'A key in a header, as EventBridge API destinations send it.',
);

export const okta = strictMap(
  {
    scheme: z.literal('okta').describe("Okta's event hooks, with a text in a header."),
    secret: token('the authentication secret of the event hook'),
    kmsKey: secretKmsKey,
    header: header.prefault('Authorization').describe('The authentication field of the event hook.'),
  },
  "Okta's event hooks.",
);

export const microsoftGraph = strictMap(
  {
    scheme: z
      .literal('microsoft-graph')
      .describe(
        'Change notifications of Microsoft Graph, which repeat the `clientState` of their subscription.',
      ),
    secret: token('the `clientState`'),
    kmsKey: secretKmsKey,
  },
  'Change notifications of Microsoft Graph. They are not signed.',
);

export const monday = strictMap(
  {
    scheme: z.literal('monday').describe('Webhooks of an app of monday.com, with a JWT that the app signs.'),
    secret: signingSecret,
    kmsKey: secretKmsKey,
    url,
  },
  'Webhooks of an app of monday.com. The JWT does not cover the body.',
);

export const gitlabToken = strictMap(
  {
    scheme: z.literal('gitlab-token').describe("GitLab's secret token, in `X-Gitlab-Token`."),
    secret: token('the token'),
    kmsKey: secretKmsKey,
  },
  'GitLab with a secret token. `gitlab-signature` also protects the body and from replay.',
);

export const mtls = strictMap(
  {
    scheme: z
      .literal('mtls')
      .describe('A client certificate, which API Gateway checks on a domain with `mutualTls`.'),
    subjects: z
      .array(words)
      .min(1)
      .optional()
      .describe(
        'Subjects that may send, as API Gateway writes them: `CN=sender,O=Example,C=DE`. Default: any certificate the trust store accepts.',
      ),
  },
  'Mutual TLS: requests have to come through a domain of `endpoint.domains` with `mutualTls`.',
);

const https = textScalar(
  (text) =>
    URL.canParse(text) && /^https:\/\/[^?#@]+$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-jwt-url',
          describeValue(text),
          'write a whole https:// URL without a query',
        ),
  { title: 'URL', pattern: '^https://', examples: ['https://accounts.google.com'] },
);

export const jwt = strictMap(
  {
    scheme: z.literal('jwt').describe('`Authorization: Bearer <JWT>` of an OpenID Connect issuer.'),
    issuer: https.describe('Exact value of the `iss` claim.'),
    audience: z
      .union([words, z.array(words).min(1)])
      .describe('Value of the `aud` claim, or a list of accepted values.'),
    jwksUrl: https.describe(
      "URL of the issuer's keys: `jwks_uri` in its `/.well-known/openid-configuration`.",
    ),
    claims: z
      .record(z.string(), words)
      .prefault({})
      .describe(
        'Further claims that the token must have, for example `email` or `azp`. Many issuers give anyone a token for any audience: name an identity here.',
      ),
  },
  'JWTs of an issuer. Algorithms with a public key only.',
);

const topicArn = textScalar(
  (text) =>
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,250}(?:\.fifo)?$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-topic-arn',
          describeValue(text),
          'write the ARN of the topic, for example arn:aws:sns:eu-central-1:123456789012:orders',
        ),
  {
    title: 'ARN of an SNS topic',
    pattern: '^arn:aws[a-z-]*:sns:',
    examples: ['arn:aws:sns:eu-central-1:123456789012:orders'],
  },
);

export const sns = strictMap(
  {
    scheme: z.literal('sns').describe('Amazon SNS over HTTPS, without raw message delivery.'),
    topics: z
      .array(topicArn)
      .min(1)
      .describe(
        'Topics that may send; their subscriptions are confirmed automatically. Anyone can create a topic: only those listed are accepted.',
      ),
  },
  'Amazon SNS over HTTPS. For a topic of your own, an SQS source that is subscribed to it is simpler.',
);
