/**
 * Change notifications of Microsoft Graph. They are not signed: each one repeats the `clientState` that was chosen when
 * the subscription was created. https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
import { isObject, isString, jsonField, parseJson } from '../json/untrusted-json.ts';
import { findToken, TOKEN } from './token.ts';
import {
  rejectRequest,
  type UnverifiedRequest,
  type Verification,
  type VerificationPorts,
} from './verification.ts';

/** A secret that is being rotated has two values, and subscriptions outlive a rotation by days at most. */
const MAX_CLIENT_STATES = 5;

/**
 * Every notification of the request has to have a state that is valid now. The body is read before it is verified, as
 * that of SNS: the state is nowhere else.
 * @throws UnusableSecretError, SecretUnavailableError
 */
export async function verifyGraphNotification(
  { unverifiedBody }: UnverifiedRequest,
  secretId: string,
  ports: VerificationPorts,
): Promise<Verification> {
  const states = unverifiedClientStates(unverifiedBody);
  if (states === null || states.size === 0) {
    return rejectRequest(
      'credentials-missing',
      'Send notifications of Microsoft Graph, each with clientState.',
    );
  }
  if (states.size > MAX_CLIENT_STATES) return rejectRequest('invalid-credentials', WRONG_STATE);
  let caller: string | null = null;
  for (const state of states) {
    const secret = await findToken(state, secretId, { ...TOKEN, noun: 'clientState' }, ports);
    if (secret === null) return rejectRequest('invalid-credentials', WRONG_STATE);
    caller = secret.id;
  }
  // Two changes of one resource can have the same notification.
  return { kind: 'verified', caller, repeatsBodies: true };
}

const WRONG_STATE = 'A clientState is not one of those that are valid now.';

/** Null unless every notification has one. */
function unverifiedClientStates(unverifiedBody: Uint8Array): ReadonlySet<string> | null {
  const notifications = jsonField(parseJson(Buffer.from(unverifiedBody).toString('utf8')), 'value');
  if (!Array.isArray(notifications)) return null;
  const states = notifications.map((each: unknown) =>
    isObject(each) ? jsonField(each, 'clientState') : null,
  );
  return states.every(isString) ? new Set(states) : null;
}
