/**
 * The message that Amazon SNS posts to an HTTPS subscriber. Its signature is inside, so it is the one body that is
 * parsed before it is verified: JSON.parse alone, of at most `maxBodyBytes`, and nothing of it is used, logged or
 * answered but to verify it. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
import { isObject, isString } from '../json/untrusted-json.ts';

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

/** Return null if the body is not a message that SNS could have signed. */
export function readUnverifiedSnsMessage(unverifiedBody: Uint8Array): UnverifiedSnsMessage | null {
  const fields = readTextFields(unverifiedBody);
  if (fields === null) return null;
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

/** Return null if the body is not a JSON object, or a field that SNS signs is neither a text nor absent (null). */
function readTextFields(unverifiedBody: Uint8Array): ReadonlyMap<string, string> | null {
  const value = parseUtf8Json(unverifiedBody);
  if (!isObject(value)) return null;
  const fields = new Map<string, string>();
  for (const [name, member] of Object.entries(value)) {
    if (isString(member)) fields.set(name, member);
    else if (EVER_SIGNED.has(name) && member !== null) return null;
  }
  return fields;
}

const EVER_SIGNED: ReadonlySet<string> = new Set(Object.values(SIGNED_FIELDS).flat());

function parseUtf8Json(unverifiedBody: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(unverifiedBody));
  } catch {
    return undefined;
  }
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
