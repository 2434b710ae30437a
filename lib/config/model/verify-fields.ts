/** Fields that several schemes of `verify` have. */
import { describeFound } from '../found-value.ts';
import { durationInSeconds } from './duration.ts';
import { Refusal, textLeaf } from './leaf.ts';
import { secretName } from './prefect-model.ts';

/** For `secret` of every scheme: several values, so that an old and a new one are good at the same time. */
export const ROTATION =
  'or a list such as `[{"id": "2026-01", "value": "…", "notAfter": "…"}]` while it is being changed';

export const signingSecret = secretName.describe(
  `A secret that holds what the sender signs with (or its public key), ${ROTATION}; at most 5.`,
);

export const header = textLeaf(
  (text) =>
    /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(text)
      ? text.toLowerCase()
      : new Refusal(
          'invalid-header',
          describeFound(text),
          'write the name of a header, for example X-Signature',
        ),
  { title: 'Header name', maxLength: 100, examples: ['X-Signature'] },
);

export const words = textLeaf(
  (text) => (text === '' ? new Refusal('empty', 'an empty text', 'write what is to be compared') : text),
  { title: 'Text' },
);

export const tolerance = (byDefault: '60s' | '5m') =>
  durationInSeconds({ minimum: '1s', maximum: '1h', examples: [byDefault] })
    .prefault(byDefault)
    .describe(
      'How old a request may be, and how far ahead the clock of the sender. Longer: a captured request can be sent again for longer.',
    );

export const url = textLeaf(
  (text) =>
    URL.canParse(text) && /^https:\/\/[^?#@]+$/.test(text)
      ? text
      : new Refusal(
          'invalid-public-url',
          describeFound(text),
          'write the URL that the sender was given, without a query: https://hooks.example.com/twilio',
        ),
  { title: 'URL', pattern: '^https://', examples: ['https://hooks.example.com/twilio'] },
)
  .optional()
  .describe(
    'The URL that the sender was given, which is signed. Default: the one that the request came to. Needed behind a proxy that answers under another name.',
  );
