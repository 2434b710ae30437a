/** Verification: is this request from somebody who may send events to this source? */
import type { Clock, SecretSource } from '../ports.ts';

/** Nothing in it has been checked, and its body has not been looked at. */
export interface UnverifiedRequest {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly unverifiedBody: Uint8Array;
  /** Whom API Gateway's IAM authorizer let in; null when it was not asked. */
  readonly iamCallerArn: string | null;
}

export type Verification =
  /** `caller` is for logs: the id of a token, an IAM ARN; null when nobody was asked for. */
  { readonly kind: 'verified'; readonly caller: string | null } | VerificationRefusal;

export interface VerificationRefusal {
  readonly kind: 'refused';
  /** 401: send credentials, or better ones. 403: no credentials in the request can help. */
  readonly status: 401 | 403;
  readonly code: 'credentials-missing' | 'credentials-wrong' | 'iam-authorization-missing';
  readonly detail: string;
}

export interface VerificationPorts {
  readonly secrets: SecretSource;
  readonly clock: Clock;
}
