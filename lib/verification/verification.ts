/** Verification: whether the sender of a request may post events to a source. */
import type { Clock, DocumentSource, SecretSource } from '../ports.ts';

/** Nothing in it has been checked, and its body has not been looked at. */
export interface UnverifiedRequest {
  /** As the sender wrote it, with its query: what senders that sign the URL have signed. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly unverifiedBody: Uint8Array;
  /** The caller that API Gateway's IAM authorizer let in; null when the route has none. */
  readonly iamCallerArn: string | null;
  /** The certificate that API Gateway checked against the trust store of a custom domain; null without mutual TLS. */
  readonly clientCertificate: ClientCertificate | null;
}

/** Distinguished names as API Gateway writes them: `CN=sender,O=Example,C=DE`. */
export interface ClientCertificate {
  readonly subjectDn: string;
  readonly issuerDn: string;
}

export type Verification = Verified | Handshake | VerificationRejection;

export interface Verified {
  readonly kind: 'verified';
  /** For logs: the id of a token or secret, an IAM ARN, a subject; null where the source is open. */
  readonly caller: string | null;
  /** The sender's id of the delivery, which stays the same when it sends the request again. */
  readonly deliveryId?: string;
  /** This sender repeats bodies for different deliveries and gives them no id: each request is a delivery of its own. */
  readonly repeatsBodies?: true;
  /** The media type of the body, where the header of this sender says something else. */
  readonly contentType?: string;
}

/** A request that asks for a response of its own and holds no event. */
export interface Handshake {
  readonly kind: 'handshake';
  readonly name: HandshakeName;
  readonly answer: HandshakeResponse;
}

export type HandshakeName =
  | 'slack-url-verification'
  | 'zoom-url-validation'
  | 'discord-ping'
  | 'sns-subscription-confirmed'
  | 'sns-unsubscribe-noted'
  | 'xero-intent-to-receive'
  | 'webhook-origin'
  | 'handshake';

export interface HandshakeResponse {
  readonly status: 200 | 204;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as text/plain, anything else as JSON; null: no body. */
  readonly body: Readonly<Record<string, unknown>> | string | null;
}

/** Why a request was not let in. The status of each code is in `lib/http-problem.ts`. */
export interface VerificationRejection {
  readonly kind: 'rejected';
  readonly code: VerificationCode;
  /** Holds nothing of a secret or of the signature that was expected. */
  readonly detail: string;
  /** The value of WWW-Authenticate in a 401 (RFC 9110, section 11.6.1). */
  readonly challenge: string;
  /** What the operator of the stack should know about the rejection; it goes to the log, never to the sender. */
  readonly operatorWarning?: Error;
}

export type VerificationCode =
  | 'credentials-missing'
  | 'invalid-credentials'
  | 'iam-authorization-missing'
  | 'client-certificate-missing'
  | 'client-certificate-not-allowed'
  | 'signature-missing'
  | 'signature-malformed'
  | 'invalid-signature'
  | 'timestamp-malformed'
  | 'timestamp-too-old'
  | 'timestamp-in-future'
  | 'delivery-id-malformed'
  | 'topic-not-allowed';

/** Reject a request; `challenge` names the scheme that a client has to use. */
export function rejectRequest(
  code: VerificationCode,
  detail: string,
  challenge = 'Bearer',
): VerificationRejection {
  return { kind: 'rejected', code, detail, challenge };
}

export interface VerificationPorts {
  readonly secrets: SecretSource;
  readonly documents: DocumentSource;
  readonly clock: Clock;
}
