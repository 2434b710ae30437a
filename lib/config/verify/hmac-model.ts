/** Signatures by HMAC of senders without a preset. */
import { z } from 'zod';
import { secretKmsKey } from '../deployment/kms-key.ts';
import { describeValue } from '../issues/describe-value.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { header, signingSecret, tolerance, url } from './fields.ts';

const signed = textScalar(
  (text) => {
    const names = [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
    const unknown = names.find((name) => !['timestamp', 'id', 'url', 'body'].includes(name));
    const fix = 'write it with {body}, and {timestamp}, {id} and {url} where they are signed, each once';
    if (unknown !== undefined) return new InvalidValue('invalid-signed-content', `{${unknown}}`, fix);
    if (!names.includes('body') || new Set(names).size < names.length || text.length > 200) {
      return new InvalidValue('invalid-signed-content', describeValue(text), fix);
    }
    return text;
  },
  { title: 'Template', maxLength: 200, examples: ['{timestamp}.{body}'] },
);

export const hmacModel = strictMap(
  {
    scheme: z.literal('hmac').describe('Any other sender that signs with HMAC.'),
    secret: signingSecret,
    kmsKey: secretKmsKey,
    header: header.describe('The header with the signature.'),
    prefix: textScalar(
      (text) =>
        /^[\x21-\x7E]{0,40}$/.test(text)
          ? text
          : new InvalidValue('out-of-range', describeValue(text), 'write up to 40 visible ASCII characters'),
      { title: 'Prefix', maxLength: 40, examples: ['sha256='] },
    )
      .prefault('')
      .describe('Text before the signature in the header.'),
    algorithm: z.enum(['sha256', 'sha512']).prefault('sha256').describe('The digest under the HMAC.'),
    encoding: z
      .enum(['hex', 'base64', 'base64url'])
      .prefault('hex')
      .describe('How the signature is written; hex in lower case.'),
    key: z
      .enum(['utf8', 'hex', 'base64', 'whsec'])
      .prefault('utf8')
      .describe(
        'How the secret is written: the text itself is the key, or the key is written in hex, in Base64, or in Base64 after `whsec_`.',
      ),
    signed: signed
      .prefault('{body}')
      .describe(
        'What is signed: `{body}`, with `{timestamp}`, `{id}` and `{url}` around it as the sender combines them.',
      ),
    timestampHeader: header
      .optional()
      .describe('The header with the time of signing. Mandatory where `signed` has `{timestamp}`.'),
    timestampUnit: z.enum(['s', 'ms']).prefault('s').describe('Seconds or milliseconds since 1970.'),
    tolerance: tolerance('5m'),
    idHeader: header
      .optional()
      .describe(
        'The header with an id of the delivery that stays the same on a retry: the default dedupe key. Mandatory where `signed` has `{id}`.',
      ),
    url,
  },
  'Any other sender that signs with HMAC.',
);
