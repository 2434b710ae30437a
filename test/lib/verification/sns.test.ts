import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentUnavailableError } from '../../../lib/unavailable-error.ts';
import { isSnsCertificateUrl, isSnsUrl } from '../../../lib/verification/sns-certificate.ts';
import type { Verification } from '../../../lib/verification/verification.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';
import { CERTIFICATE_URL, makeSnsSender, type SnsFields } from '../../support/builders/make-sns-sender.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';

const NOW = Date.UTC(2026, 8, 21);
const DAY_MS = 86_400_000;
const validity = { notBefore: new Date(NOW - DAY_MS), notAfter: new Date(NOW + DAY_MS) };
const sns = makeSnsSender({ commonName: 'sns.amazonaws.com', ...validity });

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:orders';
const notification: SnsFields = {
  Type: 'Notification',
  MessageId: 'c0e5a280-53c9-5a98-93bb-c0a560b3d192',
  TopicArn: TOPIC,
  Subject: 'An order',
  Message: '{"order":1}',
  Timestamp: '2026-09-20T14:13:20.000Z',
};
const confirmation: SnsFields = {
  Type: 'SubscriptionConfirmation',
  MessageId: 'f3f2fc87-c426-4c2f-9044-b55890c0939c',
  Token: '2336412f37fb687f5d51e6e2425929f5',
  TopicArn: TOPIC,
  Message: 'You have chosen to subscribe to the topic.',
  SubscribeURL: `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=2336`,
  Timestamp: '2026-09-20T14:13:20.000Z',
};

function send(
  body: string | Uint8Array,
  documents = new InMemoryDocumentSource({ [CERTIFICATE_URL]: sns.certificatePem }),
  nowEpochMs = NOW,
): Promise<Verification> {
  return verifyRequest(
    makeUnverifiedRequest({ body, headers: { 'content-type': 'text/plain; charset=UTF-8' } }),
    { scheme: 'sns', topics: [TOPIC] },
    { secrets: new InMemorySecretSource({}), documents, clock: { nowEpochMs: () => nowEpochMs } },
  );
}

const json = (message: SnsFields): string => JSON.stringify(message);
const without = (field: string, message: SnsFields): SnsFields =>
  Object.fromEntries(Object.entries(message).filter(([name]) => name !== field));

describe('a notification', () => {
  it.each(['1', '2'] as const)(
    'of a topic on the list is let in with signature version %s',
    async (version) => {
      for (const message of [notification, without('Subject', notification)]) {
        expect(await send(json(sns.signMessage(message, version)))).toEqual({
          kind: 'verified',
          caller: TOPIC,
          deliveryId: 'c0e5a280-53c9-5a98-93bb-c0a560b3d192',
          contentType: 'application/json',
        });
      }
    },
  );

  it('is refused when anything that is signed is another', async () => {
    const signed = sns.signMessage(notification);
    for (const name of ['Message', 'MessageId', 'Subject', 'Timestamp']) {
      const changed = { ...signed, [name]: `${signed[name] ?? ''}x` };
      expect(await send(json(changed))).toMatchObject({ code: 'invalid-signature' });
    }
    expect(await send(json({ ...signed, SignatureVersion: '1' }))).toMatchObject({
      code: 'invalid-signature',
    });
    expect(await send(json(without('Subject', signed)))).toMatchObject({ code: 'invalid-signature' });
  });

  it.each([5, true, ['An order'], { a: 'An order' }])(
    'is refused when its subject is not a text, since a signature without a subject would not cover it: %j',
    async (subject) => {
      const signed = sns.signMessage(without('Subject', notification));
      expect(await send(json(signed))).toMatchObject({ kind: 'verified' });
      expect(await send(JSON.stringify({ ...signed, Subject: subject }))).toMatchObject({
        code: 'signature-missing',
      });
    },
  );

  it('is refused with any other signature', async () => {
    const signed = sns.signMessage(notification);
    const { Signature = '' } = signed;
    for (const other of [
      '',
      'AAAA',
      `${Signature}=`,
      `${Signature} `,
      Signature.slice(4),
      Signature.replace(/.$/, ''),
    ]) {
      expect(await send(json({ ...signed, Signature: other }))).toMatchObject({ code: 'invalid-signature' });
    }
  });

  it('of another topic is refused before anything is fetched', async () => {
    const documents = new InMemoryDocumentSource({ [CERTIFICATE_URL]: sns.certificatePem });
    const message = sns.signMessage({ ...notification, TopicArn: `${TOPIC}2` });
    expect(await send(json(message), documents)).toMatchObject({ code: 'topic-not-allowed' });
    expect(documents.reads).toEqual([]);
  });

  it('is refused, and nothing is fetched, when its certificate is not on a host of SNS', async () => {
    const documents = new InMemoryDocumentSource({});
    const SigningCertURL = 'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem';
    const message = { ...sns.signMessage(notification), SigningCertURL };
    expect(await send(json(message), documents)).toMatchObject({ code: 'invalid-signature' });
    expect(documents.reads).toEqual([]);
  });

  it.each([
    ['of somebody else', { commonName: 'sns.evil.example', ...validity }],
    [
      'whose name only starts like that of SNS',
      { commonName: 'sns.amazonaws.com.evil.example', ...validity },
    ],
    ['that is over', { ...validity, commonName: 'sns.amazonaws.com', notAfter: new Date(NOW - 1000) }],
    [
      'that is not good yet',
      { ...validity, commonName: 'sns.amazonaws.com', notBefore: new Date(NOW + 1000) },
    ],
  ])('is refused under a certificate %s', async (_what, facts) => {
    const other = makeSnsSender(facts);
    const documents = new InMemoryDocumentSource({ [CERTIFICATE_URL]: other.certificatePem });
    const message = json(other.signMessage(notification));
    expect(await send(message, documents)).toMatchObject({ code: 'invalid-signature' });
  });

  it.each([
    'sns-signing.af-south-1.amazonaws.com',
    'sns-us-gov-west-1.amazonaws.com',
    'sns-cn-north-1.amazonaws.com.cn',
  ])('is let in under the certificate of %s', async (commonName) => {
    const other = makeSnsSender({ commonName, ...validity });
    const documents = new InMemoryDocumentSource({ [CERTIFICATE_URL]: other.certificatePem });
    expect(await send(json(other.signMessage(notification)), documents)).toMatchObject({ kind: 'verified' });
  });

  it('is refused when what is at the URL of its certificate is none, or nothing', async () => {
    const signed = json(sns.signMessage(notification));
    const noCertificate = new InMemoryDocumentSource({ [CERTIFICATE_URL]: 'hello' });
    expect(await send(signed, noCertificate)).toMatchObject({ code: 'invalid-signature' });
    expect(await send(signed, new InMemoryDocumentSource())).toMatchObject({ code: 'invalid-signature' });
  });

  it('is not rejected when SNS is unavailable', async () => {
    const documents = new InMemoryDocumentSource({});
    documents.isAvailable = false;
    await expect(send(json(sns.signMessage(notification)), documents)).rejects.toThrow(
      DocumentUnavailableError,
    );
  });
});

describe('a body that is not a message of SNS', () => {
  it('is refused, whatever it is, and nothing is fetched', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        async (body) => {
          const documents = new InMemoryDocumentSource({});
          expect(await send(body, documents)).toMatchObject({ kind: 'rejected', code: 'signature-missing' });
          expect(documents.reads).toEqual([]);
        },
      ),
    );
  });

  it.each<[string, string]>([
    ['raw message delivery', '{"order":1}'],
    ['no type', json({ ...sns.signMessage(notification), Type: '' })],
    ['another type', json({ ...sns.signMessage(notification), Type: 'notification' })],
    ['a version that does not exist', json({ ...sns.signMessage(notification), SignatureVersion: '3' })],
    [
      'a message that is no text',
      JSON.stringify({ ...sns.signMessage(notification), Message: { order: 1 } }),
    ],
    [
      'a confirmation without its token',
      json(sns.signMessage({ ...confirmation, Token: '' })).replace('"Token":"",', ''),
    ],
    ['members of a prototype', `{"__proto__":${json(sns.signMessage(notification))}}`],
    ['a byte order mark and no JSON', '\uFEFF{'],
  ])('is refused: %s', async (_what, body) => {
    expect(await send(body)).toMatchObject({ code: 'signature-missing' });
  });
});

describe('a subscription', () => {
  it('is confirmed at the URL of the message, once it is verified', async () => {
    const documents = new InMemoryDocumentSource({ [CERTIFICATE_URL]: sns.certificatePem });
    expect(await send(json(sns.signMessage(confirmation)), documents)).toEqual({
      kind: 'handshake',
      name: 'sns-subscription-confirmed',
      answer: { status: 200, body: { confirmed: TOPIC } },
    });
    expect(documents.visits).toEqual([confirmation['SubscribeURL']]);
  });

  it.each([
    ['is forged', { ...sns.signMessage(confirmation), Token: 'another' }],
    ['is of a topic that is not on the list', sns.signMessage({ ...confirmation, TopicArn: `${TOPIC}2` })],
    [
      'leads to another host',
      sns.signMessage({ ...confirmation, SubscribeURL: 'https://internal.example/' }),
    ],
    [
      'leads to plain HTTP',
      sns.signMessage({ ...confirmation, SubscribeURL: 'http://sns.eu-west-1.amazonaws.com/' }),
    ],
  ])('that %s is not confirmed', async (_what, message) => {
    const documents = new InMemoryDocumentSource({ [CERTIFICATE_URL]: sns.certificatePem });
    expect(await send(json(message), documents)).toMatchObject({ kind: 'rejected' });
    expect(documents.visits).toEqual([]);
  });

  it('that ended is noted, and not taken up again', async () => {
    const documents = new InMemoryDocumentSource({ [CERTIFICATE_URL]: sns.certificatePem });
    const message = sns.signMessage({ ...confirmation, Type: 'UnsubscribeConfirmation' });
    expect(await send(json(message), documents)).toMatchObject({ name: 'sns-unsubscribe-noted' });
    expect(documents.visits).toEqual([]);
  });
});

describe('URLs of SNS', () => {
  it.each([
    'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem',
    'https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem',
  ])('%s is one of a certificate', (url) => {
    expect(isSnsCertificateUrl(url)).toBe(true);
  });

  it.each([
    '',
    'sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
    'http://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
    'https://sns.us-west-2.amazonaws.com:8443/SimpleNotificationService-1.pem',
    'https://user@sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
    'https://sns.us-west-2.amazonaws.com.evil.example/SimpleNotificationService-1.pem',
    'https://sns.us-west-2.amazonaws.com.cn.evil.example/SimpleNotificationService-1.pem',
    'https://evil.example/sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
    'https://sns.evil.example#.us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
    'https://evil-sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
    'https://s3.us-west-2.amazonaws.com/SimpleNotificationService-1.pem',
    'https://sns.us-west-2.s3.amazonaws.com/SimpleNotificationService-1.pem',
    'https://sns.us-west-2.amazonaws.com/?a=SimpleNotificationService-1.pem',
    'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem?a=b',
    'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem#a',
    'https://sns.us-west-2.amazonaws.com/a/SimpleNotificationService-1.pem',
    'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem.txt',
  ])('%s is none of a certificate', (url) => {
    expect(isSnsCertificateUrl(url)).toBe(false);
  });

  it('may have a query to confirm a subscription, and no other host', () => {
    expect(isSnsUrl(confirmation['SubscribeURL'] ?? '')).toBe(true);
    expect(isSnsUrl('https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription')).toBe(
      false,
    );
  });
});
