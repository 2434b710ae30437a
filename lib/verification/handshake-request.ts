/**
 * Handshakes by GET, HEAD and POST: a sender asks whether the endpoint is its owner's before it sends events, and mostly
 * wants a text back. Nothing about such a request is verified but the token of the ones that have one, so the response
 * says nothing that the request did not say, and nothing that a browser would run.
 */
import type { CompiledChallenge, CompiledHandshake } from '../compiled-config/compiled-handshake.ts';
import { isObject, isString, parseJson } from '../json/untrusted-json.ts';
import { findToken, TOKEN } from './token.ts';
import type { Handshake, HandshakeResponse, UnverifiedRequest, VerificationPorts } from './verification.ts';

export type HandshakeResult =
  | Handshake
  | { readonly kind: 'handshake-refused'; readonly code: HandshakeRefusal; readonly detail: string };

export type HandshakeRefusal = 'challenge-missing' | 'challenge-malformed' | 'verify-token-invalid';

type HandshakeRequest = Pick<UnverifiedRequest, 'url' | 'headers' | 'unverifiedBody'>;

/** Visible ASCII and spaces, without what opens or closes HTML and attributes; long enough for Microsoft Graph. */
const CHALLENGE = /^[ !#-%(-;=?-_a-~]{1,1024}$/;

/** A body of more bytes is an event, whatever it looks like: nothing of it is parsed here. */
const MAX_BODY_BYTES = 2_048;

/** Whether a POST is the handshake and no event. A GET or HEAD always is. */
export function isHandshakePost(
  request: HandshakeRequest,
  { method, challenge }: CompiledHandshake,
): boolean {
  if (method !== 'POST' || challenge === null) return false;
  // With a body it could be an event, which must not be dropped for the sake of its URL.
  if (challenge.in === 'query') {
    return request.unverifiedBody.length === 0 && queryValues(request.url, challenge.name).length > 0;
  }
  return challengeIn(request, challenge) !== null;
}

/** @throws UnusableSecretError, SecretUnavailableError */
export async function answerHandshake(
  request: HandshakeRequest,
  { challenge, answer, token }: CompiledHandshake,
  ports: Pick<VerificationPorts, 'secrets' | 'clock'>,
): Promise<HandshakeResult> {
  if (token !== null) {
    const presented = queryValue(request.url, token.parameter);
    const secret = presented === null ? null : await findToken(presented, token.secret, TOKEN, ports);
    if (secret === null) {
      return refuse(
        'verify-token-invalid',
        `Send the verify token of this source once, as ${token.parameter}.`,
      );
    }
  }
  if (challenge === null) return handshake(null);
  const text = challengeIn(request, challenge);
  const place = PLACES[challenge.in];
  if (text === null) {
    return refuse('challenge-missing', `Send the challenge in the ${place} ${challenge.name}, once.`);
  }
  if (!CHALLENGE.test(text)) {
    return refuse(
      'challenge-malformed',
      `Send up to 1024 printable ASCII characters without HTML as ${challenge.name}.`,
    );
  }
  switch (answer.kind) {
    case 'text':
      return handshake(text);
    case 'json':
      return handshake({ [answer.member]: text });
    case 'empty':
      return handshake(null);
  }
}

const PLACES: Readonly<Record<CompiledChallenge['in'], string>> = {
  query: 'query parameter',
  header: 'header',
  body: 'member',
};

function handshake(body: HandshakeResponse['body']): Handshake {
  return { kind: 'handshake', name: 'handshake', answer: { status: 200, body } };
}

function refuse(code: HandshakeRefusal, detail: string): HandshakeResult {
  return { kind: 'handshake-refused', code, detail };
}

function challengeIn(request: HandshakeRequest, { in: place, name }: CompiledChallenge): string | null {
  switch (place) {
    case 'query':
      return queryValue(request.url, name);
    case 'header':
      return request.headers.get(name)?.trim() ?? null;
    case 'body':
      return onlyMember(request.unverifiedBody, name);
  }
}

/** Null when the parameter is absent, or repeated so that there is no telling which is meant. */
function queryValue(url: string, name: string): string | null {
  const [value, ...more] = queryValues(url, name);
  return value === undefined || more.length > 0 ? null : value;
}

function queryValues(url: string, name: string): readonly string[] {
  const queryAt = url.indexOf('?');
  return queryAt === -1 ? [] : new URLSearchParams(url.slice(queryAt + 1)).getAll(name);
}

function onlyMember(unverifiedBody: Uint8Array, name: string): string | null {
  if (unverifiedBody.length > MAX_BODY_BYTES) return null;
  const json = parseJson(Buffer.from(unverifiedBody).toString('utf8'));
  if (!isObject(json) || Object.keys(json).length !== 1 || !Object.hasOwn(json, name)) return null;
  const value = json[name];
  return isString(value) ? value : null;
}
