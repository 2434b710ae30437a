/**
 * Five messages that Amazon SNS itself signed, and its certificate of that day, as published with the tests of AWS's
 * SDK for Java (services-custom/sns-message-manager in aws/aws-sdk-java-v2).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { verifySns } from '../../../lib/verification/sns.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'sns');
const messages = z
  .array(z.record(z.string(), z.string()))
  .parse(JSON.parse(readFileSync(join(folder, 'signed-by-aws.json'), 'utf8')));

const TOPIC = 'arn:aws:sns:us-west-2:131990247566:dongie-standard-topic';
const certificate =
  'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem';

const send = (message: Readonly<Record<string, string>>) =>
  verifySns(makeUnverifiedRequest({ body: JSON.stringify(message) }), [TOPIC], {
    secrets: new InMemorySecretSource({}),
    documents: new InMemoryDocumentSource({
      [certificate]: readFileSync(join(folder, 'certificate.pem'), 'utf8'),
    }),
    clock: { nowEpochMs: () => Date.UTC(2026, 2, 7) },
  });

describe('a message that AWS signed', () => {
  it.each(messages)('is let in: $Type $MessageId, signature version $SignatureVersion', async (message) => {
    const verification = await send(message);
    expect(verification.kind).toBe(message['Type'] === 'Notification' ? 'verified' : 'handshake');
  });

  it.each(messages)('is refused with another time: $Type $MessageId', async (message) => {
    const changed = { ...message, Timestamp: '2026-03-06T19:55:38.904Z' };
    expect(await send(changed)).toMatchObject({ kind: 'rejected', code: 'invalid-signature' });
  });

  it('is there for each type and both versions', () => {
    const kinds = messages.map(({ Type = '', SignatureVersion = '' }) => `${Type} ${SignatureVersion}`);
    expect(new Set(kinds)).toEqual(
      new Set([
        'Notification 1',
        'Notification 2',
        'SubscriptionConfirmation 1',
        'UnsubscribeConfirmation 2',
      ]),
    );
  });
});
