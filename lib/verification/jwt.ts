/** Verify bearer tokens of an issuer: JWTs, by the issuer's public keys (RFC 7519, RFC 8725). */
import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import type { CompiledJwt } from '../compiled-config/compiled-verification.ts';
import { DocumentUnavailableError } from '../unavailable-error.ts';
import { credentialsOf } from './authorization-header.ts';
import { memberAt } from './verified-json.ts';
import {
  rejectRequest,
  type Verification,
  type VerificationPorts,
  type VerificationRejection,
} from './verification.ts';

/** Asymmetric algorithms alone: with HS256, anyone who has the public key could sign (RFC 8725, section 3.1). */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Allow for clocks that differ. */
const CLOCK_TOLERANCE_SECONDS = 60;

/**
 * A token with an unknown key id triggers one refetch of the keys; the document source limits how often that reaches the
 * issuer, so tokens with invented key ids do not.
 * @throws DocumentUnavailableError
 */
export async function verifyJwt(
  authorization: string | undefined,
  jwt: CompiledJwt,
  ports: VerificationPorts,
): Promise<Verification> {
  const token = credentialsOf(authorization, 'bearer');
  if (token === undefined) {
    return rejectRequest('credentials-missing', 'Send the header Authorization: Bearer <JWT>, once.');
  }
  const atHand = await checkToken(token, jwt, false, ports);
  const payload = atHand === 'unknown-key' ? await checkToken(token, jwt, true, ports) : atHand;
  if (payload === 'unknown-key')
    return rejectRequest('invalid-credentials', 'The JWT is not signed by a key of the issuer.');
  return payload.kind === 'rejected' ? payload : verifiedCaller(payload, jwt);
}

interface Check {
  readonly kind: 'claims';
  readonly claims: JWTPayload;
}

function verifiedCaller({ claims }: Check, jwt: CompiledJwt): Verification {
  const missing = Object.entries(jwt.claims).find(([name, value]) => memberAt(claims, [name]) !== value);
  if (missing !== undefined) {
    return rejectRequest(
      'invalid-credentials',
      `The claim ${missing[0]} of the JWT does not have the required value.`,
    );
  }
  return { kind: 'verified', caller: claims.sub ?? null };
}

async function checkToken(
  token: string,
  { issuer, audience, jwksUrl }: CompiledJwt,
  refresh: boolean,
  { documents, clock }: VerificationPorts,
): Promise<Check | VerificationRejection | 'unknown-key'> {
  const keySet = readKeySet(await documents.readDocument(jwksUrl, refresh), jwksUrl);
  try {
    const { payload } = await jwtVerify(token, keySet, {
      issuer,
      audience: [...audience],
      algorithms: ALGORITHMS,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock.nowEpochMs()),
    });
    return { kind: 'claims', claims: payload };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key';
    // The code names the check that failed (ERR_JWT_EXPIRED, …); the message may quote the token.
    if (error instanceof errors.JOSEError) {
      return rejectRequest('invalid-credentials', `The JWT is not accepted: ${error.code}.`);
    }
    // Whatever else jose throws is about the key: a broken or too short one, in the issuer's own set.
    return {
      ...rejectRequest('invalid-credentials', 'The key of the issuer that the JWT names cannot be used.'),
      operatorWarning: new UnusableKeyError(jwksUrl, error),
    };
  }
}

/** A key of the issuer's own set cannot verify anything. The issuer has to fix it; other keys are not affected. */
export class UnusableKeyError extends Error {
  override readonly name = 'UnusableKeyError';
  readonly retryable = false;

  constructor(jwksUrl: string, cause: unknown) {
    super(`A token named a key of ${jwksUrl} that cannot be used: ask the issuer to replace it`, { cause });
  }
}

function readKeySet(text: string, jwksUrl: string): ReturnType<typeof createLocalJWKSet> {
  try {
    const keySet: unknown = JSON.parse(text);
    if (isKeySet(keySet)) return createLocalJWKSet(keySet);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new DocumentUnavailableError({
    url: jwksUrl,
    detail: 'it is not a JSON Web Key Set',
    retryable: true,
  });
}

/** RFC 7517, section 5. jose checks each key when a token names it. */
function isKeySet(value: unknown): value is JSONWebKeySet {
  const keys = memberAt(value, ['keys']);
  return Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null);
}
