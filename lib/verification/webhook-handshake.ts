/** Requests with which senders ask whether the endpoint is theirs. They are verified like any other before that. */
import type { SignatureKey } from './signature-key.ts';
import type { Handshake } from './verification.ts';
import { memberAt } from './verified-json.ts';

/** https://docs.slack.dev/reference/events/url_verification */
export function slackHandshake(verifiedJson: unknown): Handshake | null {
  if (memberAt(verifiedJson, ['type']) !== 'url_verification') return null;
  const challenge = memberAt(verifiedJson, ['challenge']);
  if (typeof challenge !== 'string') return null;
  return { kind: 'handshake', name: 'slack-url-verification', answer: { status: 200, body: { challenge } } };
}

/** https://developers.zoom.us/docs/api/webhooks/#validate-your-webhook-endpoint */
export function zoomHandshake(verifiedJson: unknown, { sign }: SignatureKey): Handshake | null {
  if (memberAt(verifiedJson, ['event']) !== 'endpoint.url_validation') return null;
  const plainToken = memberAt(verifiedJson, ['payload', 'plainToken']);
  if (typeof plainToken !== 'string' || sign === null) return null;
  const body = { plainToken, encryptedToken: sign([plainToken]) };
  return { kind: 'handshake', name: 'zoom-url-validation', answer: { status: 200, body } };
}

/**
 * An interaction of type 1 is a ping and is answered with one; so is a webhook event of type 0, with 204. A webhook
 * event of type 1 is an event. https://docs.discord.com/developers/events/webhook-events
 */
export function discordHandshake(verifiedJson: unknown): Handshake | null {
  const type = memberAt(verifiedJson, ['type']);
  if (type === 0) return { kind: 'handshake', name: 'discord-ping', answer: { status: 204, body: null } };
  if (type !== 1 || memberAt(verifiedJson, ['event']) !== undefined) return null;
  return { kind: 'handshake', name: 'discord-ping', answer: { status: 200, body: { type: 1 } } };
}

/** https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/#intent-to-receive */
export function xeroHandshake(verifiedJson: unknown): Handshake | null {
  const events = memberAt(verifiedJson, ['events']);
  if (!Array.isArray(events) || events.length > 0) return null;
  return { kind: 'handshake', name: 'xero-intent-to-receive', answer: { status: 200, body: null } };
}
