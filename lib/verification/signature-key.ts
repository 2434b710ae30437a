/** Keys of webhook providers: read from the text of a secret, and used to verify signatures. */
import { createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import type { SecretKind } from './secret-list.ts';

/** Text is UTF-8. The parts are signed one after the other. */
export type SignedParts = readonly (string | Uint8Array)[];

export interface SignatureKey {
  /** Whether one of the signatures is that of the parts. Never throws, whatever the signatures are. */
  readonly verifies: (parts: SignedParts, signatures: readonly string[]) => boolean;
  /** Sign in the provider's encoding; null where only the provider can sign. */
  readonly sign: ((parts: SignedParts) => string) | null;
}

export type SignatureEncoding = 'hex' | 'base64' | 'base64url';

/** Two are valid while a secret is rotated; each costs a pass over the body. */
const MAX_SECRETS = 5;

/** How the text of a secret encodes the key. `whsec`: Base64, usually after `whsec_` (Standard Webhooks). */
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
      return { sign, verifies: (parts, signatures) => includesSignature(sign(parts), signatures, encoding) };
    },
  };
}

const HMAC_SHAPES: Readonly<Record<HmacKeyText, string>> = {
  utf8: 'printable characters',
  hex: 'hex digits, two for a byte',
  base64: 'Base64',
  whsec: 'Base64 after whsec_',
};

function hmacKeyBytes(value: string, keyText: HmacKeyText): Buffer | null {
  switch (keyText) {
    case 'utf8':
      // A bare prefix is left of a secret that was never pasted.
      return value === '' || value === 'whsec_' || /\p{Cc}/u.test(value) ? null : Buffer.from(value, 'utf8');
    case 'hex':
      return decoded(value.toLowerCase(), 'hex');
    case 'base64':
      return decodedKey(value);
    case 'whsec':
      // Supabase shows the version of the signature in front.
      return decodedKey(value.replace(/^(?:v1,)?whsec_/, ''));
  }
}

/**
 * Compare texts, not bytes, since Node's decoders skip invalid characters silently. Hexadecimal digits may be upper
 * case. The length of a signature is not secret.
 */
function includesSignature(
  expected: string,
  signatures: readonly string[],
  encoding: SignatureEncoding,
): boolean {
  const expectedBytes = Buffer.from(expected, 'latin1');
  let found = false;
  for (const signature of signatures) {
    const bytes = Buffer.from(encoding === 'hex' ? signature.toLowerCase() : signature, 'utf8');
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
            const signature = decoded(encoding === 'hex' ? text.toLowerCase() : text, encoding);
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
  const bytes =
    encoding === 'hex'
      ? decoded(value.toLowerCase(), 'hex')
      : decodedKey(value.replace(/^(?:v1a,)?whpk_/, ''));
  if (bytes?.length !== 32) return null;
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  });
}

function p256Key(value: string): KeyObject | null {
  const der = decodedKey(value.replace(/-----[A-Z ]+-----|\s/g, ''));
  if (der === null) return null;
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}

/**
 * Decode a key in Base64 as pages and command lines show it: in either alphabet (RFC 4648, sections 4 and 5), with or
 * without padding. Return null for anything else.
 */
function decodedKey(text: string): Buffer | null {
  const [, digits = '', padding = ''] = /^([\w+/-]+)(={0,2})$/.exec(text) ?? [];
  const isPaddedRight = padding === '' || (digits.length + padding.length) % 4 === 0;
  const isOneAlphabet = !(/[+/]/.test(digits) && /[-_]/.test(digits));
  if (!isPaddedRight || !isOneAlphabet) return null;
  return decoded(digits.replaceAll('+', '-').replaceAll('/', '_'), 'base64url');
}

/** Return null for the empty text, and for every text but the one that encodes these bytes. */
function decoded(text: string, encoding: SignatureEncoding): Buffer | null {
  const bytes = Buffer.from(text, encoding);
  return bytes.length > 0 && bytes.toString(encoding) === text ? bytes : null;
}
