/** Who may post to an HTTP source: `verify`; and who is told that it may: `webhookOrigins`. */
import { z } from 'zod';
import { describeFound } from '../found-value.ts';
import { apiKey, basic, bearer, gitlabToken, jwt, mtls, sns } from './credential-models.ts';
import { Refusal, textLeaf } from './leaf.ts';
import { hmacModel, hubspot, linear, senders, sendersOfUrl, sendersWithTimestamp } from './sender-models.ts';

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
              'invalid-webhook-origin',
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
