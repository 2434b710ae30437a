/** The verification of requests, as the functions read it (see `compiled.ts`). */

/** Secrets are names or ARNs of Secrets Manager. */
export type CompiledVerification =
  | { readonly scheme: 'none' }
  | { readonly scheme: 'iam' }
  | { readonly scheme: 'bearer' | 'basic' | 'gitlab-token' | 'microsoft-graph'; readonly secret: string }
  | { readonly scheme: 'api-key' | 'okta'; readonly secret: string; readonly header: string }
  /** The URL as it was entered at monday.com, without its query; null for the URL of the request. */
  | { readonly scheme: 'monday'; readonly secret: string; readonly publicUrl: string | null }
  /** Subjects as API Gateway writes them; null for any certificate that the trust store accepts. */
  | { readonly scheme: 'mtls'; readonly subjects: readonly string[] | null }
  | { readonly scheme: 'sns'; readonly topics: readonly string[] }
  | CompiledJwt
  | CompiledWebhookProvider
  | CompiledHmac;

export interface CompiledJwt {
  readonly scheme: 'jwt';
  readonly issuer: string;
  /** The token must have one of them. */
  readonly audience: readonly string[];
  readonly jwksUrl: string;
  readonly claims: Readonly<Record<string, string>>;
}

/** Webhook providers with a preset: how each of them signs is known. */
export type WebhookProvider =
  | 'github'
  | 'gitlab-signature'
  | 'stripe'
  | 'slack'
  | 'shopify'
  | 'twilio'
  | 'standard-webhooks'
  | 'standard-webhooks-ed25519'
  | 'pagerduty'
  | 'linear'
  | 'hubspot'
  | 'zoom'
  | 'atlassian'
  | 'discord'
  | 'square'
  | 'sendgrid'
  | 'meta'
  | 'dropbox'
  | 'xero'
  | 'trello'
  | 'box';

export interface CompiledWebhookProvider {
  readonly scheme: 'webhook';
  readonly provider: WebhookProvider;
  readonly secret: string;
  /** 0 for providers without a timestamp. */
  readonly toleranceSeconds: number;
  /** The URL as it was entered at the provider, without its query; null for the URL of the request. */
  readonly publicUrl: string | null;
}

export interface CompiledHmac {
  readonly scheme: 'hmac';
  readonly secret: string;
  /** Names of headers are in lower case. */
  readonly header: string;
  readonly prefix: string;
  readonly algorithm: 'sha256' | 'sha512';
  readonly encoding: 'hex' | 'base64' | 'base64url';
  readonly keyText: 'utf8' | 'hex' | 'base64' | 'whsec';
  /** With `{body}`, and `{timestamp}`, `{id}`, `{url}`. */
  readonly signed: string;
  readonly timestamp: {
    readonly header: string;
    readonly unit: 's' | 'ms';
    readonly toleranceSeconds: number;
  } | null;
  readonly idHeader: string | null;
  readonly publicUrl: string | null;
}
