/** Webhook providers with a preset, grouped by what they sign. */
import { z } from 'zod';
import { secretKmsKey } from '../deployment/kms-key.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { signingSecret, tolerance, url } from './fields.ts';
import { verifyTokenModel } from './verify-token-model.ts';

export const bodySigningProviders = strictMap(
  {
    scheme: z
      .enum(['github', 'shopify', 'pagerduty', 'atlassian', 'dropbox', 'xero'])
      .describe('The provider. It signs the body; its signatures do not expire.'),
    secret: signingSecret,
    kmsKey: secretKmsKey,
  },
  'Webhook providers that sign the body. `atlassian` is Bitbucket and Jira.',
);

export const meta = strictMap(
  {
    scheme: z.literal('meta').describe('Meta: WhatsApp, Messenger, Instagram and others. It signs the body.'),
    secret: signingSecret,
    verifyToken: verifyTokenModel,
    kmsKey: secretKmsKey,
  },
  'Meta: WhatsApp, Messenger, Instagram and others.',
);

export const box = strictMap(
  {
    scheme: z.literal('box').describe('Box, version 2 of its webhooks. It signs the body and a timestamp.'),
    secret: signingSecret,
    kmsKey: secretKmsKey,
    tolerance: tolerance('10m'),
  },
  'Box.',
);

export const timestampSigningProviders = strictMap(
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
      .describe('The provider, or the standard that it follows. It signs a timestamp and the body.'),
    secret: signingSecret,
    kmsKey: secretKmsKey,
    tolerance: tolerance('5m'),
  },
  'Webhook providers that sign a timestamp and the body. Svix sends `standard-webhooks`. Discord, SendGrid and `standard-webhooks-ed25519` have a public key.',
);

export const linear = strictMap(
  {
    scheme: z.literal('linear').describe('Linear. It signs the body, with a timestamp inside.'),
    secret: signingSecret,
    kmsKey: secretKmsKey,
    tolerance: tolerance('60s'),
  },
  'Linear.',
);

export const urlSigningProviders = strictMap(
  {
    scheme: z.enum(['twilio', 'square', 'trello']).describe('The provider. It signs the URL and the body.'),
    secret: signingSecret,
    kmsKey: secretKmsKey,
    url,
  },
  'Webhook providers that sign the URL and the body.',
);

export const hubspot = strictMap(
  {
    scheme: z.literal('hubspot').describe('HubSpot, version 3 of its signatures.'),
    secret: signingSecret,
    kmsKey: secretKmsKey,
    url,
    tolerance: tolerance('5m'),
  },
  'HubSpot.',
);
