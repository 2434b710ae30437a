/** Compile `verify` of HTTP sources. */
import type { CompiledHmac, CompiledVerification } from '../../compiled-config/compiled-verification.ts';
import type { VerifyConfiguration } from './model.ts';

type HmacConfiguration = Extract<VerifyConfiguration, { scheme: 'hmac' }>;

export function compileVerification(verify: VerifyConfiguration): CompiledVerification {
  if (typeof verify === 'string') return { scheme: verify };
  switch (verify.scheme) {
    case 'bearer':
    case 'basic':
    case 'gitlab-token':
    case 'microsoft-graph':
      return { scheme: verify.scheme, secret: verify.secret };
    case 'api-key':
    case 'okta':
      return { scheme: verify.scheme, secret: verify.secret, header: verify.header };
    case 'monday':
      return { scheme: 'monday', secret: verify.secret, publicUrl: verify.url ?? null };
    case 'sns':
      return verify;
    case 'mtls':
      return { scheme: 'mtls', subjects: verify.subjects ?? null };
    case 'jwt': {
      const { audience } = verify;
      return { ...verify, audience: typeof audience === 'string' ? [audience] : audience };
    }
    case 'hmac':
      return compileHmac(verify);
    case 'github':
    case 'shopify':
    case 'pagerduty':
    case 'atlassian':
    case 'dropbox':
    case 'xero':
    case 'meta':
      return { scheme: 'webhook', provider: verify.scheme, secret: verify.secret, ...NEITHER };
    case 'twilio':
    case 'square':
    case 'trello': {
      const { scheme, secret, url } = verify;
      return { scheme: 'webhook', provider: scheme, secret, ...NEITHER, publicUrl: url ?? null };
    }
    case 'hubspot': {
      const { scheme, secret, url, tolerance } = verify;
      const publicUrl = url ?? null;
      return { scheme: 'webhook', provider: scheme, secret, toleranceSeconds: tolerance, publicUrl };
    }
    case 'stripe':
    case 'slack':
    case 'standard-webhooks':
    case 'standard-webhooks-ed25519':
    case 'gitlab-signature':
    case 'zoom':
    case 'discord':
    case 'sendgrid':
    case 'linear':
    case 'box': {
      const { scheme, secret, tolerance } = verify;
      return { scheme: 'webhook', provider: scheme, secret, ...NEITHER, toleranceSeconds: tolerance };
    }
  }
}

/** The options of webhook providers that sign neither a timestamp nor the URL. */
const NEITHER = { toleranceSeconds: 0, publicUrl: null } as const;

function compileHmac(verify: HmacConfiguration): CompiledHmac {
  const { secret, header, prefix, algorithm, encoding, key, signed } = verify;
  const { timestampHeader, timestampUnit, tolerance, idHeader, url } = verify;
  return {
    scheme: 'hmac',
    secret,
    header,
    prefix,
    algorithm,
    encoding,
    keyText: key,
    signed,
    timestamp:
      timestampHeader === undefined
        ? null
        : { header: timestampHeader, unit: timestampUnit, toleranceSeconds: tolerance },
    idHeader: idHeader ?? null,
    publicUrl: url ?? null,
  };
}
