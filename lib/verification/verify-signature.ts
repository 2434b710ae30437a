/** Verify a signed request of any provider: headers → freshness → signature → the provider's own fields. */
import { findActiveSecret } from './active-secret.ts';
import { deliveryIdOf, isDeliveryId } from './delivery-id.ts';
import { freshnessOf, type Freshness, type TimestampUnit } from './freshness.ts';
import { headerText, headerValues, singleHeaderValue } from './header-field.ts';
import type { SignatureScheme } from './signature-scheme.ts';
import type { SignatureKey } from './signature-key.ts';
import {
  rejectRequest,
  type UnverifiedRequest,
  type Verification,
  type VerificationCode,
  type VerificationPorts,
  type VerificationRejection,
} from './verification.ts';
import { memberAt, readVerifiedJson } from './verified-json.ts';

export interface SignatureOptions {
  readonly secretId: string;
  /** How old a timestamp may be, and how far ahead; schemes without a timestamp ignore it. */
  readonly toleranceSeconds: number;
  /** The URL that the sender was given, without its query; null: the one that the request came to. */
  readonly publicUrl: string | null;
}

/** Senders send as many signatures as they have active secrets, and those are few. */
const MAX_SIGNATURES = 16;

/** @throws UnusableSecretError, SecretUnavailableError */
export async function verifySignature(
  request: UnverifiedRequest,
  scheme: SignatureScheme,
  options: SignatureOptions,
  ports: VerificationPorts,
): Promise<Verification> {
  const nowEpochMs = ports.clock.nowEpochMs();
  const claims = readClaims(request, scheme, options, nowEpochMs);
  if (claims.kind === 'rejected') return claims;

  const { signatures, timestampText, id } = claims;
  const url = publicUrlOf(request.url, options.publicUrl);
  const variants = scheme.signed.variants({ request, url, timestampText, id });
  if (variants.length === 0) return rejectSignature('invalid-signature', WRONG_SIGNATURE, scheme);
  const matches = (key: SignatureKey): boolean =>
    variants.filter((parts) => key.verifies(parts, signatures)).length > 0;
  const secret = await findActiveSecret(options.secretId, scheme.keys, ports, matches);
  if (secret === null) return rejectSignature('invalid-signature', WRONG_SIGNATURE, scheme);

  // From here on the body is the sender's.
  const verifiedJson = looksInside(scheme) ? readVerifiedJson(request.unverifiedBody) : undefined;
  const stale = staleBody(verifiedJson, scheme, options, nowEpochMs);
  if (stale !== null) return stale;
  const handshake = scheme.handshake?.(verifiedJson, secret.key) ?? null;
  if (handshake !== null) return handshake;
  const deliveryId =
    id !== '' ? id : scheme.deliveryId && deliveryIdOf(scheme.deliveryId, request.headers, verifiedJson);
  return {
    kind: 'verified',
    caller: secret.id,
    ...(deliveryId !== undefined && { deliveryId }),
    ...(scheme.repeatsBodies === true && { repeatsBodies: true }),
  };
}

interface Claims {
  readonly kind: 'claims';
  readonly signatures: readonly string[];
  /** Empty where the scheme has none. */
  readonly timestampText: string;
  readonly id: string;
}

/** Cheap checks first: nothing here costs more for a longer body. */
function readClaims(
  { headers }: UnverifiedRequest,
  scheme: SignatureScheme,
  { toleranceSeconds }: SignatureOptions,
  nowEpochMs: number,
): Claims | VerificationRejection {
  const [header] = scheme.signature.names;
  const fields = [
    scheme.signature,
    ...(scheme.secondSignature === undefined ? [] : [scheme.secondSignature]),
  ];
  const sent = fields.flatMap((field) => {
    const text = headerText(headers, field);
    return text === null ? [] : [headerValues(text, field)];
  });
  if (sent.length === 0) {
    return rejectSignature('signature-missing', `Send the signature in the header ${header}.`, scheme);
  }
  const signatures = sent.flat();
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) {
    const form = `${scheme.signature.prefix ?? ''}<signature>`;
    const detail = `Send 1 to ${MAX_SIGNATURES} signatures in the header ${header}, each as ${form}.`;
    return rejectSignature('signature-malformed', detail, scheme);
  }
  let timestampText = '';
  if (scheme.timestamp !== undefined) {
    const { unit, names } = scheme.timestamp;
    timestampText = singleHeaderValue(headers, scheme.timestamp) ?? '';
    const freshness = freshnessOf(timestampText, unit, toleranceSeconds, nowEpochMs);
    if (freshness !== 'fresh') {
      return rejectTimestamp(freshness, { place: `the header ${names[0]}`, unit, toleranceSeconds }, scheme);
    }
  }
  if (scheme.id === undefined) return { kind: 'claims', signatures, timestampText, id: '' };
  const id = singleHeaderValue(headers, scheme.id);
  if (id === null || !isDeliveryId(id) || scheme.signed.delimiters.some((sign) => id.includes(sign))) {
    const detail = `Send the id of the delivery in the header ${scheme.id.names[0]}: up to 200 visible ASCII characters, none of them a comma or one of ${scheme.signed.delimiters.join(' ')}`;
    return rejectSignature('delivery-id-malformed', detail, scheme);
  }
  return { kind: 'claims', signatures, timestampText, id };
}

const WRONG_SIGNATURE =
  'No signature of the request is that of its body under a secret that is valid now. Compare the secrets, and see that nothing changes the body on its way.';

const TIMESTAMPS: Readonly<Record<TimestampUnit, string>> = {
  s: 'seconds since 1970',
  ms: 'milliseconds since 1970',
  rfc3339: 'a timestamp of RFC 3339',
};

function looksInside({ handshake, bodyTimestamp, deliveryId }: SignatureScheme): boolean {
  return (
    handshake !== undefined ||
    bodyTimestamp !== undefined ||
    (deliveryId !== undefined && 'body' in deliveryId)
  );
}

function staleBody(
  verifiedJson: unknown,
  scheme: SignatureScheme,
  { toleranceSeconds }: SignatureOptions,
  nowEpochMs: number,
): VerificationRejection | null {
  if (scheme.bodyTimestamp === undefined) return null;
  const { path, unit } = scheme.bodyTimestamp;
  const timestamp = memberAt(verifiedJson, path);
  const text = typeof timestamp === 'number' ? String(timestamp) : '';
  const freshness = freshnessOf(text, unit, toleranceSeconds, nowEpochMs);
  if (freshness === 'fresh') return null;
  return rejectTimestamp(freshness, { place: path.join('.'), unit, toleranceSeconds }, scheme);
}

function rejectTimestamp(
  freshness: Exclude<Freshness, 'fresh'>,
  timestamp: { readonly place: string; readonly unit: TimestampUnit; readonly toleranceSeconds: number },
  scheme: SignatureScheme,
): VerificationRejection {
  const { place, unit, toleranceSeconds } = timestamp;
  switch (freshness) {
    case 'malformed': {
      return rejectSignature('timestamp-malformed', `Send ${TIMESTAMPS[unit]} in ${place}, once.`, scheme);
    }
    case 'too-old': {
      const detail = `The timestamp in ${place} is more than ${toleranceSeconds} s old. Sign the request anew.`;
      return rejectSignature('timestamp-too-old', detail, scheme);
    }
    case 'in-future': {
      const detail = `The timestamp in ${place} is more than ${toleranceSeconds} s ahead. Set the sender's clock.`;
      return rejectSignature('timestamp-in-future', detail, scheme);
    }
  }
}

function publicUrlOf(requestUrl: string, publicUrl: string | null): string {
  if (publicUrl === null) return requestUrl;
  const queryAt = requestUrl.indexOf('?');
  return queryAt === -1 ? publicUrl : publicUrl + requestUrl.slice(queryAt);
}

function rejectSignature(
  code: VerificationCode,
  detail: string,
  { signature }: SignatureScheme,
): VerificationRejection {
  return rejectRequest(code, detail, `Signature header="${signature.names[0]}"`);
}
