/** Senders of webhooks: those whose way to sign is known, by what they sign, and any other that uses HMAC. */
import { z } from 'zod';
import { describeFound } from '../found-value.ts';
import { Refusal, textLeaf } from './leaf.ts';
import { strictMap } from './object.ts';
import { header, signingSecret, tolerance, url } from './verify-fields.ts';

export const senders = strictMap(
  {
    scheme: z
      .enum(['github', 'shopify', 'pagerduty', 'atlassian'])
      .describe('The sender. It signs the body; its signatures do not expire.'),
    secret: signingSecret,
  },
  'Senders that sign the body. `atlassian` is Bitbucket and Jira.',
);

export const sendersWithTimestamp = strictMap(
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

export const linear = strictMap(
  {
    scheme: z.literal('linear').describe('Linear. It signs the body, with a timestamp inside.'),
    secret: signingSecret,
    tolerance: tolerance('60s'),
  },
  'Linear.',
);

export const sendersOfUrl = strictMap(
  {
    scheme: z.enum(['twilio', 'square']).describe('The sender. It signs the URL and the body.'),
    secret: signingSecret,
    url,
  },
  'Senders that sign the URL and the body.',
);

export const hubspot = strictMap(
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
    const fix = 'write it with {body}, and {timestamp}, {id} and {url} where they are signed, each once';
    if (unknown !== undefined) return new Refusal('invalid-signed-content', `{${unknown}}`, fix);
    if (!names.includes('body') || new Set(names).size < names.length || text.length > 200) {
      return new Refusal('invalid-signed-content', describeFound(text), fix);
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
