/** Who may post to an HTTP source: `verify`. */
import { z } from 'zod';
import { describeFound } from '../found-value.ts';
import { durationInSeconds } from './duration.ts';
import { Refusal, textLeaf } from './leaf.ts';
import { strictMap } from './object.ts';
import { secretName } from './prefect-model.ts';

/** For `secret` of every scheme: several values, so that an old and a new one are good at the same time. */
const ROTATION =
  'or a list such as `[{"id": "2026-01", "value": "…", "notAfter": "…"}]` while it is being changed';

const header = textLeaf(
  (text) =>
    /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(text)
      ? text.toLowerCase()
      : new Refusal('bad-header', describeFound(text), 'write the name of a header, for example X-Signature'),
  { title: 'Header name', maxLength: 100, examples: ['X-Signature'] },
);

const words = textLeaf(
  (text) => (text === '' ? new Refusal('empty', 'an empty text', 'write what is to be compared') : text),
  { title: 'Text' },
);

const tolerance = (byDefault: '60s' | '5m') =>
  durationInSeconds({ minimum: '1s', maximum: '1h', examples: [byDefault] })
    .prefault(byDefault)
    .describe(
      'How old a request may be, and how far ahead the clock of the sender. Longer: a captured request can be sent again for longer.',
    );

const url = textLeaf(
  (text) =>
    URL.canParse(text) && /^https:\/\/[^?#@]+$/.test(text)
      ? text
      : new Refusal(
          'bad-public-url',
          describeFound(text),
          'write the URL that the sender was given, without a query: https://hooks.example.com/twilio',
        ),
  { title: 'URL', pattern: '^https://', examples: ['https://hooks.example.com/twilio'] },
)
  .optional()
  .describe(
    'The URL that the sender was given, which is signed. Default: the one that the request came to. Needed behind a proxy that answers under another name.',
  );

const signingSecret = secretName.describe(
  `A secret that holds what the sender signs with (or its public key), ${ROTATION}; at most 5.`,
);

const senders = strictMap(
  {
    scheme: z
      .enum(['github', 'shopify', 'pagerduty', 'atlassian'])
      .describe('The sender. It signs the body; its signatures do not expire.'),
    secret: signingSecret,
  },
  'Senders that sign the body. `atlassian` is Bitbucket and Jira.',
);

const sendersWithTimestamp = strictMap(
  {
    scheme: z
      .enum([
        'stripe',
        'slack',
        'standard-webhooks',
        'standard-webhooks-ed25519',
        'gitlab-signature',
        'zoom',
        'discord',
        'sendgrid',
      ])
      .describe('The sender, or the standard that it follows. It signs a timestamp and the body.'),
    secret: signingSecret,
    tolerance: tolerance('5m'),
  },
  'Senders that sign a timestamp and the body. Svix sends `standard-webhooks`. Discord, SendGrid and `standard-webhooks-ed25519` have a public key.',
);

const linear = strictMap(
  {
    scheme: z.literal('linear').describe('Linear. It signs the body, with a timestamp inside.'),
    secret: signingSecret,
    tolerance: tolerance('60s'),
  },
  'Linear.',
);

const sendersOfUrl = strictMap(
  {
    scheme: z.enum(['twilio', 'square']).describe('The sender. It signs the URL and the body.'),
    secret: signingSecret,
    url,
  },
  'Senders that sign the URL and the body.',
);

const hubspot = strictMap(
  {
    scheme: z.literal('hubspot').describe('HubSpot, version 3 of its signatures.'),
    secret: signingSecret,
    url,
    tolerance: tolerance('5m'),
  },
  'HubSpot.',
);

const signed = textLeaf(
  (text) => {
    const names = [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
    const unknown = names.find((name) => !['timestamp', 'id', 'url', 'body'].includes(name));
    const mend = 'write it with {body}, and {timestamp}, {id} and {url} where they are signed, each once';
    if (unknown !== undefined) return new Refusal('bad-signed-content', `{${unknown}}`, mend);
    if (!names.includes('body') || new Set(names).size < names.length || text.length > 200) {
      return new Refusal('bad-signed-content', describeFound(text), mend);
    }
    return text;
  },
  { title: 'Template', maxLength: 200, examples: ['{timestamp}.{body}'] },
);

export const hmacModel = strictMap(
  {
    scheme: z.literal('hmac').describe('Another sender that signs with HMAC.'),
    secret: signingSecret,
    header: header.describe('The header that the signature is in.'),
    prefix: textLeaf(
      (text) =>
        /^[\x21-\x7E]{0,40}$/.test(text)
          ? text
          : new Refusal('out-of-range', describeFound(text), 'write up to 40 visible ASCII characters'),
      { title: 'Prefix', maxLength: 40, examples: ['sha256='] },
    )
      .prefault('')
      .describe('What stands before the signature in the header.'),
    algorithm: z.enum(['sha256', 'sha512']).prefault('sha256').describe('The digest under the HMAC.'),
    encoding: z
      .enum(['hex', 'base64', 'base64url'])
      .prefault('hex')
      .describe('How the signature is written; hex in lower case.'),
    key: z
      .enum(['utf8', 'hex', 'base64', 'whsec'])
      .prefault('utf8')
      .describe(
        'How the secret is written: the text itself is the key, or the bytes that it says in hex, in Base64, or in Base64 behind `whsec_`.',
      ),
    signed: signed
      .prefault('{body}')
      .describe(
        'What is signed: `{body}`, with `{timestamp}`, `{id}` and `{url}` around it as the sender has them.',
      ),
    timestampHeader: header
      .optional()
      .describe('The header with the time of signing. Mandatory where `signed` has `{timestamp}`.'),
    timestampUnit: z.enum(['s', 'ms']).prefault('s').describe('Seconds or milliseconds since 1970.'),
    tolerance: tolerance('5m'),
    idHeader: header
      .optional()
      .describe(
        'The header with an id of the delivery that stays the same when it is sent again: the default dedupe key. Mandatory where `signed` has `{id}`.',
      ),
    url,
  },
  'Any other sender that signs with HMAC.',
);

const https = textLeaf(
  (text) =>
    URL.canParse(text) && /^https:\/\/[^?#@]+$/.test(text)
      ? text
      : new Refusal('bad-jwt-url', describeFound(text), 'write a whole https:// URL without a query'),
  { title: 'URL', pattern: '^https://', examples: ['https://accounts.google.com'] },
);

const jwt = strictMap(
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
          'bad-topic-arn',
          describeFound(text),
          'write the ARN of the topic, for example arn:aws:sns:eu-central-1:123456789012:orders',
        ),
  {
    title: 'ARN of an SNS topic',
    pattern: '^arn:aws[a-z-]*:sns:',
    examples: ['arn:aws:sns:eu-central-1:123456789012:orders'],
  },
);

const sns = strictMap(
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

const token = (noun: string) =>
  secretName.describe(`A secret that holds ${noun}, ${ROTATION}; the id of the one that was used is logged.`);

const bearer = strictMap(
  {
    scheme: z.literal('bearer').describe('`Authorization: Bearer <token>`.'),
    secret: token('the token'),
  },
  'A bearer token.',
);

const basic = strictMap(
  {
    scheme: z.literal('basic').describe('`Authorization: Basic …`: a user name and a password.'),
    secret: token('`user:password`'),
  },
  'User name and password.',
);

const apiKey = strictMap(
  {
    scheme: z.literal('api-key').describe('A key in a header.'),
    secret: token('the key'),
    header: header.prefault('X-Api-Key').describe('The header that the key is in.'),
  },
  'A key in a header, as EventBridge API destinations send it.',
);

const gitlabToken = strictMap(
  {
    scheme: z.literal('gitlab-token').describe("GitLab's secret token, in `X-Gitlab-Token`."),
    secret: token('the token'),
  },
  'GitLab with a secret token. `gitlab-signature` also protects the body and from replay.',
);

const mtls = strictMap(
  {
    scheme: z
      .literal('mtls')
      .describe('A client certificate, checked by a custom domain of API Gateway with mutual TLS.'),
    subjects: z
      .array(words)
      .min(1)
      .optional()
      .describe(
        'Subjects that may send, as API Gateway writes them: `CN=sender,O=Example,C=DE`. Default: whoever the trust store trusts.',
      ),
  },
  'Mutual TLS. The custom domain and its trust store are yours to make: Sluice only lets in what came through it.',
);

export const verifyModel = z
  .union([
    z
      .enum(['none', 'iam'])
      .describe('`none`: anybody may post events. `iam`: requests are signed with AWS credentials (SigV4).'),
    z.discriminatedUnion('scheme', [
      senders,
      sendersWithTimestamp,
      linear,
      sendersOfUrl,
      hubspot,
      gitlabToken,
      hmacModel,
      bearer,
      basic,
      apiKey,
      jwt,
      sns,
      mtls,
    ]),
  ])
  .describe('How requests are verified. Mandatory: an endpoint is open only where `none` says so.');

const WEBHOOK_ORIGIN = /^(?:\*|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$/;

export const webhookOriginsModel = z
  .array(
    textLeaf(
      (text) =>
        WEBHOOK_ORIGIN.test(text)
          ? text
          : new Refusal(
              'bad-webhook-origin',
              describeFound(text),
              'write the name that the sender gives itself, for example eventgrid.azure.net, or "*" for any',
            ),
      { title: 'Origin', maxLength: 253, examples: ['eventgrid.azure.net'] },
    ),
  )
  .prefault([])
  .describe(
    "Senders whose OPTIONS request is answered with permission: the handshake of CloudEvents' HTTP webhooks, which Azure Event Grid asks for. It verifies nobody.",
  );

export type VerifyConfiguration = z.output<typeof verifyModel>;
