/** Credentials that callers send as they are, have an issuer for, or show to API Gateway; and Amazon SNS. */
import { z } from 'zod';
import { describeFound } from '../found-value.ts';
import { Refusal, textLeaf } from './leaf.ts';
import { strictMap } from './object.ts';
import { secretName } from './prefect-model.ts';
import { header, ROTATION, words } from './verify-fields.ts';

const token = (noun: string) =>
  secretName.describe(`A secret that holds ${noun}, ${ROTATION}; the id of the one that was used is logged.`);

export const bearer = strictMap(
  {
    scheme: z.literal('bearer').describe('`Authorization: Bearer <token>`.'),
    secret: token('the token'),
  },
  'A bearer token.',
);

export const basic = strictMap(
  {
    scheme: z.literal('basic').describe('`Authorization: Basic …`: a user name and a password.'),
    secret: token('`user:password`'),
  },
  'User name and password.',
);

export const apiKey = strictMap(
  {
    scheme: z.literal('api-key').describe('A key in a header.'),
    secret: token('the key'),
    header: header.prefault('X-Api-Key').describe('The header that the key is in.'),
  },
  'A key in a header, as EventBridge API destinations send it.',
);

export const gitlabToken = strictMap(
  {
    scheme: z.literal('gitlab-token').describe("GitLab's secret token, in `X-Gitlab-Token`."),
    secret: token('the token'),
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
        'Subjects that may send, as API Gateway writes them: `CN=sender,O=Example,C=DE`. Default: whoever the trust store trusts.',
      ),
  },
  'Mutual TLS: only what came through a domain of `endpoint.domains` with `mutualTls` is let in.',
);

const https = textLeaf(
  (text) =>
    URL.canParse(text) && /^https:\/\/[^?#@]+$/.test(text)
      ? text
      : new Refusal('invalid-jwt-url', describeFound(text), 'write a whole https:// URL without a query'),
  { title: 'URL', pattern: '^https://', examples: ['https://accounts.google.com'] },
);

export const jwt = strictMap(
  {
    scheme: z.literal('jwt').describe('`Authorization: Bearer <JWT>` of an OpenID Connect issuer.'),
    issuer: https.describe('The claim `iss`, to the letter.'),
    audience: z
      .union([words, z.array(words).min(1)])
      .describe('The claim `aud`, or a list of those that are let in.'),
    jwksUrl: https.describe(
      "Where the issuer's keys are: `jwks_uri` in its `/.well-known/openid-configuration`.",
    ),
    claims: z
      .record(z.string(), words)
      .prefault({})
      .describe(
        'Claims that the token has to have besides, for example `email` or `azp`. Many issuers give anybody a token for any audience: name somebody here.',
      ),
  },
  'JWTs of an issuer. Algorithms with a public key only.',
);

const topicArn = textLeaf(
  (text) =>
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,250}(?:\.fifo)?$/.test(text)
      ? text
      : new Refusal(
          'invalid-topic-arn',
          describeFound(text),
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
        'Topics that may send; their subscriptions are confirmed by themselves. Anybody has topics: the list is what lets yours in.',
      ),
  },
  'Amazon SNS over HTTPS. A topic of yours is simpler as an SQS source that is subscribed to it.',
);
