/**
 * Webhooks of an app of monday.com: a JWT in the header Authorization, signed with the app's signing secret. The body
 * is not signed. https://developer.monday.com/apps/docs/authorization-header
 */
import { errors, jwtVerify } from 'jose';
import { findActiveSecret } from './active-secret.ts';
import type { SecretKind } from './secret-list.ts';
import { hmacKeys, type SignatureKey } from './signature-key.ts';
import {
  rejectRequest,
  type UnverifiedRequest,
  type Verification,
  type VerificationPorts,
} from './verification.ts';

export interface MondayOptions {
  readonly secret: string;
  readonly publicUrl: string | null;
}

interface MondayKey {
  readonly bytes: Uint8Array;
  readonly signatures: SignatureKey;
}

const HS256 = hmacKeys({ digest: 'sha256', encoding: 'base64url', keyText: 'utf8' });

const SIGNING_SECRET: SecretKind<MondayKey> = {
  ...HS256,
  keyOf(value) {
    const signatures = HS256.keyOf(value);
    return signatures === null ? null : { bytes: Buffer.from(value, 'utf8'), signatures };
  },
};

/** Three parts in base64url, with or without the name of the scheme in front. */
const TOKEN = /^(?:Bearer +)?([\w-]+\.[\w-]+)\.([\w-]+)$/i;

const CLOCK_TOLERANCE_SECONDS = 60;

/** @throws UnusableSecretError, SecretUnavailableError */
export async function verifyMonday(
  { headers, url }: UnverifiedRequest,
  { secret: secretId, publicUrl }: MondayOptions,
  ports: VerificationPorts,
): Promise<Verification> {
  const [, signed, signature] = TOKEN.exec(headers.get('authorization')?.trim() ?? '') ?? [];
  if (signed === undefined || signature === undefined) {
    return rejectRequest(
      'credentials-missing',
      'Send the JWT of monday.com in the header Authorization, once.',
    );
  }
  const secret = await findActiveSecret(secretId, SIGNING_SECRET, ports, ({ signatures }) =>
    signatures.verifies([signed], [signature]),
  );
  if (secret === null) {
    return rejectRequest('invalid-credentials', 'The JWT is not signed with a secret that is valid now.');
  }
  const withoutQuery = url.split('?')[0] ?? url;
  try {
    await jwtVerify(`${signed}.${signature}`, secret.key.bytes, {
      algorithms: ['HS256'],
      audience: publicUrl === null ? [url, withoutQuery] : [publicUrl],
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(ports.clock.nowEpochMs()),
    });
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    // The code names the check that failed; the message may quote the token.
    return rejectRequest('invalid-credentials', `The JWT is not accepted: ${error.code}.`);
  }
  return { kind: 'verified', caller: secret.id };
}
