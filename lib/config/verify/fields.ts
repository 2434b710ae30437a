/** Fields of several schemes of `verify`. */
import { describeValue } from '../issues/describe-value.ts';
import { durationInSeconds } from '../scalars/duration.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { secretName } from '../scalars/secret-name.ts';

/** The text about rotation: with several values, an old and a new secret are valid at the same time. */
export const ROTATION =
  'or a list such as `[{"id": "2026-01", "value": "…", "notAfter": "…"}]` while it is being rotated';

export const signingSecret = secretName.describe(
  `A secret with the signing key of the sender (or its public key), ${ROTATION}; at most 5.`,
);

export const header = textScalar(
  (text) =>
    /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(text)
      ? text.toLowerCase()
      : new InvalidValue(
          'invalid-header',
          describeValue(text),
          'write the name of a header, for example X-Signature',
        ),
  { title: 'Header name', maxLength: 100, examples: ['X-Signature'] },
);

export const words = textScalar(
  (text) =>
    text === '' ? new InvalidValue('empty', 'an empty text', 'write the text to compare with') : text,
  { title: 'Text' },
);

export const tolerance = (byDefault: '60s' | '5m' | '10m') =>
  durationInSeconds({ minimum: '1s', maximum: '1h', examples: [byDefault] })
    .prefault(byDefault)
    .describe(
      'How old a request may be, and how far ahead the clock of the sender may be. The longer, the longer a captured request can be replayed.',
    );

export const url = textScalar(
  (text) =>
    URL.canParse(text) && /^https:\/\/[^?#@]+$/.test(text)
      ? text
      : new InvalidValue(
          'invalid-public-url',
          describeValue(text),
          'write the URL as it was entered at the webhook provider, without a query: https://hooks.example.com/twilio',
        ),
  { title: 'URL', pattern: '^https://', examples: ['https://hooks.example.com/twilio'] },
)
  .optional()
  .describe(
    'The URL as it was entered at the webhook provider, which signs it. Default: the URL of the request. Needed behind a proxy with another host name.',
  );
