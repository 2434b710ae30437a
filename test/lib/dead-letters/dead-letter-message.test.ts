import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../lib/event/decode.ts';
import { toQueueMessage } from '../../../lib/event/queue-message.ts';
import { readLetterMessage } from '../../../lib/dead-letters/dead-letter-message.ts';
import { readLetterRecord } from '../../../lib/dead-letters/dead-letter-record.ts';
import { makeCompiledConfig, makeHttpSource } from '../../support/builders/compiled-config.ts';
import { makeEvent } from '../../support/builders/make-event.ts';
import { letterMessages, makeHiddenMessage } from '../../support/builders/make-dead-letter.ts';

describe('readLetterMessage', () => {
  it('says what a letter is about', () => {
    const [message] = letterMessages();
    expect(message && readLetterMessage(message, 'jobs')).toMatchObject({
      kind: 'letter',
      facts: {
        source: 'jobs',
        route: 'process-orders',
        code: 'refused-by-prefect',
        eventId: 'm1',
        deadLetteredAtEpochMs: 1_800_000_000_000,
      },
    });
  });

  it('makes a letter of an accepted event that SQS moved itself, which is the same event again', () => {
    const origin = {
      kind: 'http',
      requestId: 'r-1',
      index: 3,
      receivedAtEpochMs: 1_790_000_000_000,
    } as const;
    const event = { ...makeEvent(), origin };
    const { body, attributes } = toQueueMessage(event, makeHttpSource());
    const moved = makeHiddenMessage(body, { attributes: new Map(Object.entries(attributes)) });

    const reading = readLetterMessage(moved, 'orders-hook');

    expect(reading).toMatchObject({
      kind: 'letter',
      facts: { source: 'orders-hook', route: null, code: 'received-too-often', eventId: null },
    });
    const letter = readLetterRecord(JSON.parse(reading.kind === 'letter' ? reading.letterJson : ''));
    if (letter.kind === 'rejected') throw new Error(letter.detail);
    expect(letter.record.origin).toEqual(origin);
    const decoded = decodeRecord(letter.record, makeHttpSource(), makeCompiledConfig().limits);
    expect(decoded).toMatchObject({ kind: 'events', events: [{ id: event.id, identity: event.identity }] });
  });

  it.each([
    ['SQS moved from the queue of its source', new Map<string, string>(), 'received-too-often'],
    ['EventBridge could not deliver', new Map([['error_code', 'NO_PERMISSIONS']]), 'not-delivered'],
  ])('makes a letter of a record that %s', (_, attributes, code) => {
    const meantForQueueArn = 'arn:aws:sqs:eu-west-1:123456789012:shop';
    const moved = makeHiddenMessage('{"detail-type":"Order Paid"}', { attributes, meantForQueueArn });
    const reading = readLetterMessage(moved, 'shop');
    expect(reading).toMatchObject({ kind: 'letter', facts: { source: 'shop', code, eventId: null } });
    const letter = readLetterRecord(JSON.parse(reading.kind === 'letter' ? reading.letterJson : ''));
    expect(letter).toMatchObject({
      record: {
        origin: { kind: 'sqs', messageId: moved.messageId, queueArn: meantForQueueArn },
        body: moved.body,
      },
    });
    // The queue of windows is that of no source: what AWS moved there is a timer.
    expect(readLetterMessage(moved, null)).toEqual({ kind: 'foreign' });
  });

  it('takes what is no letter for foreign, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(readLetterMessage(makeHiddenMessage(body), 'jobs')).toEqual({ kind: 'foreign' });
      }),
    );
  });

  it('takes a letter without a source, a code or a time for foreign, since nothing can be chosen by it', () => {
    const [message] = letterMessages();
    const letter = JSON.parse(message?.body ?? '') as Record<string, unknown>;
    for (const field of ['source', 'code', 'time', 'route', 'eventId']) {
      const body = JSON.stringify({ ...letter, [field]: 7 });
      expect(readLetterMessage(makeHiddenMessage(body), 'jobs')).toEqual({ kind: 'foreign' });
    }
  });
});
