/** Verify a request by the scheme of its source. */
import type { CompiledVerification } from '../compiled-config/compiled-verification.ts';
import { basicCredentialsOf, credentialsOf } from './authorization-header.ts';
import { verifyClientCertificate } from './client-certificate.ts';
import { deliveryIdOf } from './delivery-id.ts';
import { hmacScheme } from './hmac-scheme.ts';
import { verifyJwt } from './jwt.ts';
import { verifyGraphNotification } from './microsoft-graph.ts';
import { verifyMonday } from './monday.ts';
import { WEBHOOK_PROVIDERS } from './webhook-providers.ts';
import { verifySns } from './sns.ts';
import { TOKEN, USER_AND_PASSWORD, verifyToken } from './token.ts';
import {
  rejectRequest,
  type UnverifiedRequest,
  type Verification,
  type VerificationPorts,
} from './verification.ts';
import { readVerifiedJson } from './verified-json.ts';
import { verifySignature } from './verify-signature.ts';

/**
 * The configuration decides on the scheme; nothing in a request can choose another.
 * @throws UnusableSecretError, SecretUnavailableError, DocumentUnavailableError
 */
export async function verifyRequest(
  request: UnverifiedRequest,
  verification: CompiledVerification,
  ports: VerificationPorts,
): Promise<Verification> {
  const authorization = request.headers.get('authorization');
  switch (verification.scheme) {
    case 'none':
      return { kind: 'verified', caller: null };
    case 'iam':
      return verifyIam(request);
    case 'mtls':
      return verifyClientCertificate(request.clientCertificate, verification.subjects);
    case 'bearer':
      return verifyToken(
        credentialsOf(authorization, 'bearer'),
        verification.secret,
        { kind: TOKEN, hint: 'Send the header Authorization: Bearer <token>, once.', challenge: 'Bearer' },
        ports,
      );
    case 'basic':
      return verifyToken(
        basicCredentialsOf(authorization),
        verification.secret,
        {
          kind: USER_AND_PASSWORD,
          hint: 'Send the header Authorization: Basic <Base64 of user:password>, once.',
          challenge: 'Basic realm="events", charset="UTF-8"',
        },
        ports,
      );
    case 'api-key':
      return verifyApiKey(request, verification, ports);
    case 'gitlab-token':
      return verifyGitLabToken(request, verification.secret, ports);
    case 'okta':
      return verifyOkta(request, verification, ports);
    case 'microsoft-graph':
      return verifyGraphNotification(request, verification.secret, ports);
    case 'monday':
      return verifyMonday(request, verification, ports);
    case 'jwt':
      return verifyJwt(authorization, verification, ports);
    case 'sns':
      return verifySns(request, verification.topics, ports);
    case 'hmac':
      return verifySignature(
        request,
        hmacScheme(verification),
        {
          secretId: verification.secret,
          toleranceSeconds: verification.timestamp?.toleranceSeconds ?? 0,
          publicUrl: verification.publicUrl,
        },
        ports,
      );
    case 'webhook': {
      const { provider, secret: secretId, toleranceSeconds, publicUrl } = verification;
      return verifySignature(
        request,
        WEBHOOK_PROVIDERS[provider],
        { secretId, toleranceSeconds, publicUrl },
        ports,
      );
    }
  }
}

/**
 * API Gateway has checked the signature before it invoked the function. A request without a caller means that the
 * route was deployed without the authorizer, and is rejected.
 */
function verifyIam({ iamCallerArn }: UnverifiedRequest): Verification {
  if (iamCallerArn !== null) return { kind: 'verified', caller: iamCallerArn };
  return rejectRequest(
    'iam-authorization-missing',
    'The request did not pass IAM authorization. Sign it with AWS Signature Version 4 (execute-api).',
  );
}

function verifyApiKey(
  { headers }: UnverifiedRequest,
  { header, secret }: { readonly header: string; readonly secret: string },
  ports: VerificationPorts,
): Promise<Verification> {
  const presented = headers.get(header)?.trim();
  const scheme = {
    kind: { ...TOKEN, noun: 'key' },
    hint: `Send the header ${header} with the key, once.`,
    challenge: `ApiKey header="${header}"`,
  };
  return verifyToken(presented === '' ? undefined : presented, secret, scheme, ports);
}

/** GitLab's older scheme. Only its idempotency key tells deliveries apart; recursive hooks share the other ids. */
async function verifyGitLabToken(
  request: UnverifiedRequest,
  secret: string,
  ports: VerificationPorts,
): Promise<Verification> {
  const verification = await verifyApiKey(request, { header: 'x-gitlab-token', secret }, ports);
  if (verification.kind !== 'verified') return verification;
  const deliveryId = deliveryIdOf({ header: 'idempotency-key' }, request.headers, undefined);
  return { ...verification, ...(deliveryId !== undefined && { deliveryId }) };
}

/** An event hook of Okta: a text in a header, and an id in the body that stays the same when Okta sends it again. */
async function verifyOkta(
  request: UnverifiedRequest,
  okta: { readonly header: string; readonly secret: string },
  ports: VerificationPorts,
): Promise<Verification> {
  const verification = await verifyApiKey(request, okta, ports);
  if (verification.kind !== 'verified') return verification;
  const verifiedJson = readVerifiedJson(request.unverifiedBody);
  const deliveryId = deliveryIdOf({ body: ['eventId'] }, request.headers, verifiedJson);
  return { ...verification, ...(deliveryId !== undefined && { deliveryId }) };
}
