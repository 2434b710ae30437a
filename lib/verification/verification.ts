/** Verification: is this request from somebody who may send events to this source? */
import type { Clock, DocumentSource, SecretSource } from '../ports.ts';

/** Nothing in it has been checked, and its body has not been looked at. */
export interface UnverifiedRequest {
  /** As the sender wrote it, with its query: what senders that sign the URL have signed. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly unverifiedBody: Uint8Array;
  /** Whom API Gateway's IAM authorizer let in; null when it was not asked. */
  readonly iamCallerArn: string | null;
  /** Whose certificate API Gateway checked against the trust store of a custom domain; null without mutual TLS. */
  readonly clientCertificate: ClientCertificate | null;
}

/** Distinguished names as API Gateway writes them: `CN=sender,O=Example,C=DE`. */
export interface ClientCertificate {
  readonly subjectDn: string;
  readonly issuerDn: string;
}

export type Verification = Verified | Handshake | VerificationRefusal;

export interface Verified {
  readonly kind: 'verified';
  /** For logs: the id of a token or secret, an IAM ARN, a subject; null when nobody was asked for. */
  readonly caller: string | null;
  /** What the sender calls this delivery, the same when it sends it again. */
  readonly deliveryId?: string;
  /** What the body is, where the header of this sender says something else. */
  readonly contentType?: string;
}

/** A verified request that asks for an answer of its own and holds no event. */
export interface Handshake {
  readonly kind: 'handshake';
  readonly name: HandshakeName;
  readonly answer: HandshakeAnswer;
}

export type HandshakeName =
  | 'slack-url-verification'
  | 'zoom-url-validation'
  | 'discord-ping'
  | 'sns-subscription-confirmed'
  | 'sns-unsubscribe-noted'
  | 'webhook-origin';

export interface HandshakeAnswer {
  readonly status: 200 | 204;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; null: no body. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

export interface VerificationRefusal {
  readonly kind: 'refused';
  /** 401: send credentials, or better ones. 403: no credentials in the request can help. */
  readonly status: 401 | 403;
  readonly code: RefusalCode;
  /** Holds nothing of a secret or of the signature that was expected. */
  readonly detail: string;
  /** What a 401 says in WWW-Authenticate (RFC 9110, section 11.6.1). Default: Bearer. */
  readonly challenge?: string;
}

export type RefusalCode =
  | 'credentials-missing'
  | 'credentials-wrong'
  | 'iam-authorization-missing'
  | 'client-certificate-missing'
  | 'client-certificate-not-allowed'
  | 'signature-missing'
  | 'signature-malformed'
  | 'signature-wrong'
  | 'timestamp-malformed'
  | 'timestamp-too-old'
  | 'timestamp-too-new'
  | 'delivery-id-malformed'
  | 'topic-not-allowed';

export interface VerificationPorts {
  readonly secrets: SecretSource;
  readonly documents: DocumentSource;
  readonly clock: Clock;
}
