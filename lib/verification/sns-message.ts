/**
 * The message that Amazon SNS posts to an HTTPS subscriber. Its signature is inside, so it is the one body that is
 * parsed before it is verified: JSON.parse alone, of at most `maxBodyBytes`, and nothing of it is used, logged or
 * answered but to verify it. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */

export interface UnverifiedSnsMessage {
  readonly type: SnsMessageType;
  readonly topicArn: string;
  readonly messageId: string;
  readonly signatureVersion: '1' | '2';
  /** Base64 of 256 bytes and more. */
  readonly signature: string;
  readonly signingCertUrl: string;
  /** Of confirmations; empty in a notification. */
  readonly subscribeUrl: string;
  /** What the signature is about. */
  readonly signedText: string;
}

export type SnsMessageType = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

const CONFIRMATION_FIELDS = [
  'Message',
  'MessageId',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
];

/** In the order of their bytes. An unsubscribe confirmation signs what a subscription confirmation signs. */
const SIGNED_FIELDS: Readonly<Record<SnsMessageType, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: CONFIRMATION_FIELDS,
  UnsubscribeConfirmation: CONFIRMATION_FIELDS,
};

/** Null when it is no message that SNS could have signed. */
export function readUnverifiedSnsMessage(unverifiedBody: Uint8Array): UnverifiedSnsMessage | null {
  const fields = readTextFields(unverifiedBody);
  const field = (name: string): string => fields.get(name) ?? '';
  const type = typeOf(field('Type'));
  const signatureVersion = field('SignatureVersion');
  if (type === null || (signatureVersion !== '1' && signatureVersion !== '2')) return null;

  // Subject alone may be absent, and is not signed then.
  const signed = SIGNED_FIELDS[type].filter((name) => name !== 'Subject' || fields.has(name));
  if (signed.some((name) => !fields.has(name)) || field('MessageId') === '') return null;
  return {
    type,
    topicArn: field('TopicArn'),
    messageId: field('MessageId'),
    signatureVersion,
    signature: field('Signature'),
    signingCertUrl: field('SigningCertURL'),
    subscribeUrl: field('SubscribeURL'),
    signedText: signed.map((name) => `${name}\n${field(name)}\n`).join(''),
  };
}

function readTextFields(unverifiedBody: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  try {
    const value: unknown = JSON.parse(UTF8.decode(unverifiedBody));
    if (typeof value !== 'object' || value === null) return fields;
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string') fields.set(name, member);
    }
  } catch {
    // Neither JSON nor UTF-8: no fields, and so no message.
  }
  return fields;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function typeOf(text: string): SnsMessageType | null {
  switch (text) {
    case 'Notification':
    case 'SubscriptionConfirmation':
    case 'UnsubscribeConfirmation':
      return text;
    default:
      return null;
  }
}
