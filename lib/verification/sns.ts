/**
 * Amazon SNS over HTTPS. A signature of SNS proves that some topic sent the message, and anyone may have topics; the
 * list of topics is what lets it in. https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
import { verify } from 'node:crypto';
import { DocumentUnavailableError } from '../unavailable-error.ts';
import { isSnsCertificateUrl, isSnsUrl, readSnsCertificate } from './sns-certificate.ts';
import { readUnverifiedSnsMessage, type UnverifiedSnsMessage } from './sns-message.ts';
import {
  rejectRequest,
  type UnverifiedRequest,
  type Verification,
  type VerificationPorts,
} from './verification.ts';

/**
 * Old messages are accepted, since SNS retries for hours. The message id, which stays the same, protects from replay.
 * @throws DocumentUnavailableError
 */
export async function verifySns(
  { unverifiedBody }: UnverifiedRequest,
  topics: readonly string[],
  ports: VerificationPorts,
): Promise<Verification> {
  const message = readUnverifiedSnsMessage(unverifiedBody);
  if (message === null) {
    return rejectRequest(
      'signature-missing',
      'This is not a signed message of Amazon SNS. Subscribe the endpoint to a topic, without raw message delivery.',
    );
  }
  // Checked before the certificate is fetched, so that an unknown topic cannot trigger a request.
  if (!topics.includes(message.topicArn)) {
    return rejectRequest('topic-not-allowed', "The topic is not one of the source's verify.topics.");
  }
  if (!(await isSignedBySns(message, ports))) {
    return rejectRequest('invalid-signature', 'The signature of the message is not one of Amazon SNS.');
  }
  switch (message.type) {
    case 'Notification':
      // SNS says text/plain, whatever it sends.
      return {
        kind: 'verified',
        caller: message.topicArn,
        deliveryId: message.messageId,
        contentType: 'application/json',
      };
    case 'SubscriptionConfirmation':
      return confirmSubscription(message, ports);
    case 'UnsubscribeConfirmation':
      // The unsubscription was intended; visiting the URL would undo it.
      return { kind: 'handshake', name: 'sns-unsubscribe-noted', answer: { status: 200, body: {} } };
  }
}

async function isSignedBySns(
  { signingCertUrl, signature, signatureVersion, signedText }: UnverifiedSnsMessage,
  { documents, clock }: VerificationPorts,
): Promise<boolean> {
  if (!isSnsCertificateUrl(signingCertUrl)) return false;
  const signatureBytes = Buffer.from(signature, 'base64');
  if (signatureBytes.toString('base64') !== signature) return false;
  const pem = await readCertificate(signingCertUrl, documents);
  const certificate = pem === null ? null : readSnsCertificate(pem, clock.nowEpochMs());
  if (certificate === null) return false;
  const digest = signatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  return verify(digest, Buffer.from(signedText), certificate.publicKey, signatureBytes);
}

/** Return null if there is no certificate at the URL: it was made up. */
async function readCertificate(
  url: string,
  documents: VerificationPorts['documents'],
): Promise<string | null> {
  try {
    return await documents.readDocument(url, false);
  } catch (error) {
    if (error instanceof DocumentUnavailableError && !error.retryable) return null;
    throw error;
  }
}

async function confirmSubscription(
  { subscribeUrl, topicArn }: UnverifiedSnsMessage,
  { documents }: VerificationPorts,
): Promise<Verification> {
  if (!isSnsUrl(subscribeUrl)) {
    return rejectRequest(
      'invalid-signature',
      'The URL that confirms the subscription is not one of Amazon SNS.',
    );
  }
  await documents.visit(subscribeUrl);
  return {
    kind: 'handshake',
    name: 'sns-subscription-confirmed',
    answer: { status: 200, body: { confirmed: topicArn } },
  };
}
