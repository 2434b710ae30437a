/** What verification would say of a request that its sender signed: samples have no signatures. */
import type { CompiledVerification } from '../../lib/compiled-config/compiled-verification.ts';
import { deliveryIdOf } from '../../lib/verification/delivery-id.ts';
import { singleHeaderValue } from '../../lib/verification/header-field.ts';
import { hmacScheme } from '../../lib/verification/hmac-scheme.ts';
import type { SignatureScheme } from '../../lib/verification/signature-scheme.ts';
import type { Verified } from '../../lib/verification/verification.ts';
import { readVerifiedJson } from '../../lib/verification/verified-json.ts';
import { WEBHOOK_PROVIDERS } from '../../lib/verification/webhook-providers.ts';

/** Take the request as verified. The id of the delivery is found where this sender writes it. */
export function assumeVerified(
  verify: CompiledVerification,
  headers: ReadonlyMap<string, string>,
  body: Uint8Array,
): Verified {
  const scheme = signatureSchemeOf(verify);
  const signedId = scheme?.id === undefined ? null : singleHeaderValue(headers, scheme.id);
  const deliveryId =
    signedId ?? (scheme?.deliveryId && deliveryIdOf(scheme.deliveryId, headers, readVerifiedJson(body)));
  return {
    kind: 'verified',
    caller: null,
    ...(deliveryId !== undefined && { deliveryId }),
    ...(scheme?.repeatsBodies === true && { repeatsBodies: true }),
  };
}

/** Null for schemes that sign nothing. */
function signatureSchemeOf(verify: CompiledVerification): SignatureScheme | null {
  if (verify.scheme === 'webhook') return WEBHOOK_PROVIDERS[verify.provider];
  return verify.scheme === 'hmac' ? hmacScheme(verify) : null;
}
