/** One verification scheme per source, as its configuration says. */
import type { CompiledVerification } from '../config/compiled.ts';
import { verifyBearerToken } from './bearer.ts';
import type { UnverifiedRequest, Verification, VerificationPorts } from './verification.ts';

/**
 * The scheme is the source's own; nothing in a request can choose another.
 * @throws UnusableSecretError, SecretUnavailableError
 */
export async function verifyRequest(
  request: UnverifiedRequest,
  verification: CompiledVerification,
  ports: VerificationPorts,
): Promise<Verification> {
  switch (verification.scheme) {
    case 'none':
      return { kind: 'verified', caller: null };
    case 'iam':
      return verifyIam(request);
    case 'bearer':
      return verifyBearerToken(request.headers.get('authorization'), verification.secret, ports);
  }
}

/**
 * API Gateway has checked the signature before it invoked the function. Its absence means that the route was
 * deployed without the authorizer, and then nobody gets in.
 */
function verifyIam({ iamCallerArn }: UnverifiedRequest): Verification {
  if (iamCallerArn !== null) return { kind: 'verified', caller: iamCallerArn };
  return {
    kind: 'refused',
    status: 403,
    code: 'iam-authorization-missing',
    detail: 'The request did not pass IAM authorization. Sign it with AWS Signature Version 4 (execute-api).',
  };
}
