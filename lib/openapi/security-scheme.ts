/** How a source's verification reads in OpenAPI: a scheme, and the problems that it can end in. */
import type { CompiledVerification } from '../compiled-config/compiled-verification.ts';
import type { VerificationCode } from '../verification/verification.ts';
import { WEBHOOK_PROVIDERS } from '../verification/webhook-providers.ts';

/** https://spec.openapis.org/oas/v3.1.1.html#security-scheme-object */
export type SecurityScheme =
  | {
      readonly type: 'http';
      readonly scheme: string;
      readonly bearerFormat?: string;
      readonly description: string;
    }
  | { readonly type: 'apiKey'; readonly in: 'header'; readonly name: string; readonly description: string }
  | { readonly type: 'mutualTLS'; readonly description: string };

const CREDENTIALS: readonly VerificationCode[] = ['credentials-missing', 'invalid-credentials'];
const SIGNATURE: readonly VerificationCode[] = [
  'signature-missing',
  'signature-malformed',
  'invalid-signature',
  'timestamp-malformed',
  'timestamp-too-old',
  'timestamp-in-future',
  'delivery-id-malformed',
];

/** Return null if no credentials are required, or if OpenAPI cannot describe them as a header. */
export function securitySchemeOf(verify: CompiledVerification): SecurityScheme | null {
  switch (verify.scheme) {
    case 'none':
    case 'sns':
    case 'microsoft-graph':
      return null;
    case 'iam':
      return inHeader('Authorization', 'AWS Signature Version 4, for the service execute-api.');
    case 'bearer':
      return { type: 'http', scheme: 'bearer', description: 'The token of the source.' };
    case 'jwt':
      return {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: `Issued by ${verify.issuer}.`,
      };
    case 'basic':
      return { type: 'http', scheme: 'basic', description: 'The user and password of the source.' };
    case 'gitlab-token':
      return inHeader('X-Gitlab-Token', 'The secret token of the webhook in GitLab.');
    case 'api-key':
    case 'okta':
      return inHeader(verify.header, 'The key of the source.');
    case 'monday':
      return inHeader('Authorization', 'The JWT of the app of monday.com.');
    case 'mtls':
      return { type: 'mutualTLS', description: 'A client certificate, at the custom domain.' };
    case 'webhook': {
      const [header] = WEBHOOK_PROVIDERS[verify.provider].signature.names;
      return inHeader(header, `The signature of the body, as ${verify.provider} makes it.`);
    }
    case 'hmac':
      return inHeader(
        verify.header,
        `HMAC-${verify.algorithm.toUpperCase()} of ${verify.signed}, in ${verify.encoding}.`,
      );
  }
}

export function verificationCodes(verify: CompiledVerification): readonly VerificationCode[] {
  switch (verify.scheme) {
    case 'none':
      return [];
    case 'iam':
      return ['iam-authorization-missing'];
    case 'bearer':
    case 'jwt':
    case 'basic':
    case 'gitlab-token':
    case 'api-key':
    case 'okta':
    case 'microsoft-graph':
    case 'monday':
      return CREDENTIALS;
    case 'mtls':
      return ['client-certificate-missing', 'client-certificate-not-allowed'];
    case 'sns':
      return [...SIGNATURE, 'topic-not-allowed'];
    case 'webhook':
    case 'hmac':
      return SIGNATURE;
  }
}

function inHeader(name: string, description: string): SecurityScheme {
  return { type: 'apiKey', in: 'header', name, description };
}
