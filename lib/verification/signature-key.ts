/** Keys of senders: how the text of a secret becomes one, and how it tells whether a signature is its own. */
import { createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import type { SecretKind } from './secret-list.ts';

/** Text is UTF-8. The parts are signed one after the other. */
export type SignedParts = readonly (string | Uint8Array)[];

export interface SignatureKey {
  /** Whether one of the signatures is that of the parts. Never throws, whatever the signatures are. */
  readonly verifies: (parts: SignedParts, signatures: readonly string[]) => boolean;
  /** In the sender's encoding; null where only the sender can sign. */
  readonly sign: ((parts: SignedParts) => string) | null;
}

export type SignatureEncoding = 'hex' | 'base64' | 'base64url';

/** While an old and a new secret are good there are two; each costs a pass over the body. */
const MAX_SECRETS = 5;

/** What the text of a secret says. `whsec`: Base64, by custom after `whsec_` (Standard Webhooks). */
export type HmacKeyText = 'utf8' | 'hex' | 'base64' | 'whsec';

export interface HmacOptions {
  readonly digest: 'sha1' | 'sha256' | 'sha512';
  readonly encoding: SignatureEncoding;
  readonly keyText: HmacKeyText;
}

export function hmacKeys({ digest, encoding, keyText }: HmacOptions): SecretKind<SignatureKey> {
  return {
    noun: 'secret',
    shape: HMAC_SHAPES[keyText],
    maxSecrets: MAX_SECRETS,
    keyOf(value) {
      const key = hmacKeyBytes(value, keyText);
      if (key === null) return null;
      const sign = (parts: SignedParts): string => {
        const hmac = createHmac(digest, key);
        for (const part of parts) hmac.update(part);
        return hmac.digest(encoding);
      };
      return { sign, verifies: (parts, signatures) => includesOrEmpty(sign(parts), signatures) };
    },
  };
}

const HMAC_SHAPES: Readonly<Record<HmacKeyText, string>> = {
  utf8: 'printable characters',
  hex: 'hex digits, two for a byte',
  base64: 'Base64',
  whsec: 'Base64 behind whsec_',
};

function hmacKeyBytes(value: string, keyText: HmacKeyText): Buffer | null {
  switch (keyText) {
    case 'utf8':
      // A bare prefix is what is left of a secret that was never pasted.
      return value === '' || value === 'whsec_' || /\p{Cc}/u.test(value) ? null : Buffer.from(value, 'utf8');
    case 'hex':
      return decoded(value.toLowerCase(), 'hex');
    case 'base64':
      return decoded(value, 'base64');
    case 'whsec':
      return decoded(value.replace(/^whsec_/, ''), 'base64');
  }
}

/**
 * Texts are compared, not bytes: so there is one text for a signature, and no decoder that passes over junk. The
 * length of a signature is not secret.
 */
function includesOrEmpty(expected: string, signatures: readonly string[]): boolean {
  const expectedBytes = Buffer.from(expected, 'latin1');
  let found = false;
  for (const signature of signatures) {
    const bytes = Buffer.from(signature, 'utf8');
    if (bytes.length === expectedBytes.length && timingSafeEqual(bytes, expectedBytes)) found = true;
  }
  return found;
}

export interface PublicKeyOptions {
  /** `ed25519`: 32 bytes, as hex or as Base64 behind `whpk_`. `ecdsa-p256`: DER (SPKI) in Base64. */
  readonly algorithm: 'ed25519' | 'ecdsa-p256';
  readonly encoding: SignatureEncoding;
}

export function publicKeys({ algorithm, encoding }: PublicKeyOptions): SecretKind<SignatureKey> {
  return {
    noun: 'public key',
    shape: algorithm === 'ecdsa-p256' ? 'Base64 of a P-256 key' : `32 bytes in ${encoding}`,
    maxSecrets: MAX_SECRETS,
    keyOf(value) {
      const key = algorithm === 'ed25519' ? ed25519Key(value, encoding) : p256Key(value);
      if (key === null) return null;
      return {
        sign: null,
        verifies(parts, signatures) {
          const content = Buffer.concat(
            parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
          );
          return signatures.some((text) => {
            const signature = decoded(text, encoding);
            // Ed25519 has its own digest, and Node wants none named.
            return (
              signature !== null && verify(algorithm === 'ed25519' ? null : 'sha256', content, key, signature)
            );
          });
        },
      };
    },
  };
}

function ed25519Key(value: string, encoding: SignatureEncoding): KeyObject | null {
  const bytes = decoded(encoding === 'hex' ? value.toLowerCase() : value.replace(/^whpk_/, ''), encoding);
  if (bytes?.length !== 32) return null;
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  });
}

function p256Key(value: string): KeyObject | null {
  const der = decoded(value.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  if (der === null) return null;
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}

/** Null for the empty text, and for what is not exactly how these bytes are written. */
function decoded(text: string, encoding: SignatureEncoding): Buffer | null {
  const bytes = Buffer.from(text, encoding);
  return bytes.length > 0 && bytes.toString(encoding) === text ? bytes : null;
}
