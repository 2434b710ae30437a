/** A signer as Amazon SNS is one, written out from AWS's description and without anything of `lib/verification`. */
import { sign } from 'node:crypto';
import { makeCertificate } from './make-certificate.ts';

export type SnsFields = Readonly<Record<string, string>>;

export interface SnsSender {
  readonly certificatePem: string;
  /** The message with signature version, signature and the URL of the certificate. */
  readonly signMessage: (message: SnsFields, version?: '1' | '2') => SnsFields;
}

export const CERTIFICATE_URL =
  'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem';

const NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
const CONFIRMATION = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

export function makeSnsSender(certificate: {
  readonly commonName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}): SnsSender {
  const { pem, privateKey } = makeCertificate(certificate);
  return {
    certificatePem: pem,
    signMessage(message, version = '2') {
      const names = message['Type'] === 'Notification' ? NOTIFICATION : CONFIRMATION;
      const content = names
        .flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`]))
        .join('');
      const digest = version === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
      return {
        ...message,
        SignatureVersion: version,
        Signature: sign(digest, Buffer.from(content), privateKey).toString('base64'),
        SigningCertURL: CERTIFICATE_URL,
      };
    },
  };
}
