/** The scheme of a sender that Sluice does not know, as the configuration describes it. */
import type { CompiledHmac } from '../compiled-config/compiled-verification.ts';
import { hmacKeys } from './signature-key.ts';
import type { SignatureScheme } from './signature-scheme.ts';
import { signedTemplate } from './signed-content.ts';

export function hmacScheme(hmac: CompiledHmac): SignatureScheme {
  const { header, prefix, algorithm, encoding, keyText, timestamp, idHeader, signed } = hmac;
  const signsId = signed.includes('{id}');
  return {
    signature: { names: [header], prefix },
    ...(timestamp !== null && { timestamp: { names: [timestamp.header], unit: timestamp.unit } }),
    ...(idHeader !== null && signsId && { id: { names: [idHeader] } }),
    ...(idHeader !== null && !signsId && { deliveryId: { header: idHeader } }),
    signed: signedTemplate(signed),
    keys: hmacKeys({ digest: algorithm, encoding, keyText }),
  };
}
