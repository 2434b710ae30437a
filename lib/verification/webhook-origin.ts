/**
 * The handshake of CloudEvents' HTTP webhooks: a sender asks with OPTIONS whether it may send, and gives its name.
 * It proves nothing about who asks; the requests that follow are verified like any others.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md, section 4
 */
import type { Handshake } from './verification.ts';

/**
 * Null: no permission, which senders see by what the answer leaves out. `WebHook-Request-Callback` is never called:
 * a request could make Sluice call any address.
 */
export function webhookOriginHandshake(
  headers: ReadonlyMap<string, string>,
  allowedOrigins: readonly string[],
): Handshake | null {
  const asked = headers.get('webhook-request-origin')?.trim().toLowerCase();
  if (asked === undefined || asked === '') return null;
  // The text of the configuration, so that nothing of an unverified request is sent back.
  const granted = allowedOrigins.find((origin) => origin === '*' || origin.toLowerCase() === asked);
  if (granted === undefined) return null;
  const asksForRate = headers.has('webhook-request-rate');
  return {
    kind: 'handshake',
    name: 'webhook-origin',
    answer: {
      status: 200,
      headers: {
        'allow': 'POST',
        'webhook-allowed-origin': granted,
        // API Gateway's throttling is what limits; it answers 429.
        ...(asksForRate && { 'webhook-allowed-rate': '*' }),
      },
      body: null,
    },
  };
}
