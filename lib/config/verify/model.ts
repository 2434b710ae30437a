/** `sources.<name>.verify` and `webhookOrigins`: which requests an HTTP source accepts. */
import { z } from 'zod';
import { describeValue } from '../issues/describe-value.ts';
import {
  apiKey,
  basic,
  bearer,
  gitlabToken,
  jwt,
  microsoftGraph,
  monday,
  mtls,
  okta,
  sns,
} from './credential-models.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { hmacModel } from './hmac-model.ts';
import {
  bodySigningProviders,
  box,
  hubspot,
  linear,
  meta,
  timestampSigningProviders,
  urlSigningProviders,
} from './webhook-provider-models.ts';

export const verifyModel = z
  .union([
    z
      .enum(['none', 'iam'])
      .describe('`none`: anyone may post events. `iam`: requests are signed with AWS credentials (SigV4).'),
    z.discriminatedUnion('scheme', [
      bodySigningProviders,
      timestampSigningProviders,
      linear,
      urlSigningProviders,
      hubspot,
      meta,
      box,
      gitlabToken,
      okta,
      microsoftGraph,
      monday,
      hmacModel,
      bearer,
      basic,
      apiKey,
      jwt,
      sns,
      mtls,
    ]),
  ])
  .describe('How requests are verified. Mandatory: an endpoint is open only where `none` is written.');

const WEBHOOK_ORIGIN = /^(?:\*|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$/;

export const webhookOriginsModel = z
  .array(
    textScalar(
      (text) =>
        WEBHOOK_ORIGIN.test(text)
          ? text
          : new InvalidValue(
              'invalid-webhook-origin',
              describeValue(text),
              'write the origin that the sender states, for example eventgrid.azure.net, or "*" for any',
            ),
      { title: 'Origin', maxLength: 253, examples: ['eventgrid.azure.net'] },
    ),
  )
  .prefault([])
  .describe(
    "Senders whose OPTIONS request is answered with permission: the handshake of CloudEvents' HTTP webhooks, which Azure Event Grid needs. It does not verify requests.",
  );

export type VerifyConfiguration = z.output<typeof verifyModel>;
