import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../lib/event/decode.ts';
import { toQueueMessage } from '../../../lib/event/queue-message.ts';
import { parseDeadLetterMessage } from '../../../lib/dead-letters/dead-letter-message.ts';
import { parseDeadLetter } from '../../../lib/dead-letters/parse-dead-letter.ts';
import { makeCompiledConfig, makeHttpSource } from '../../support/builders/compiled-config.ts';
import { makeEvent } from '../../support/builders/make-event.ts';
import { makeDeadLetterMessages, makeHiddenMessage } from '../../support/builders/make-dead-letter.ts';

describe('parseDeadLetterMessage', () => {
  it('summarizes a dead letter', () => {
    const [message] = makeDeadLetterMessages();
    expect(message && parseDeadLetterMessage(message, 'jobs')).toMatchObject({
      kind: 'whole',
      summary: {
        source: 'jobs',
        route: 'process-orders',
        code: 'refused-by-prefect',
        eventId: 'm1',
        deadLetteredAtEpochMs: 1_800_000_000_000,
      },
    });
  });

  it('makes a dead letter of an accepted event that SQS moved itself, with the identity of that event', () => {
    const origin = {
      kind: 'http',
      requestId: 'r-1',
      index: 3,
      receivedAtEpochMs: 1_790_000_000_000,
    } as const;
    const headers = [{ name: 'x-tenant', value: 'blue' }];
    const event = { ...makeEvent({ identity: ['cloudevents', 'sluice:hook', 'e1'] }), origin, headers };
    const { body, attributes } = toQueueMessage(event, makeHttpSource());
    const moved = makeHiddenMessage(body, { attributes: new Map(Object.entries(attributes)) });

    const reading = parseDeadLetterMessage(moved, 'orders-hook');

    expect(reading).toMatchObject({
      kind: 'whole',
      summary: { source: 'orders-hook', route: null, code: 'max-receives-exceeded', eventId: null },
    });
    const deadLetter = parseDeadLetter(JSON.parse(reading.kind === 'whole' ? reading.deadLetterJson : ''));
    if (deadLetter.kind === 'rejected') throw new Error(deadLetter.detail);
    expect(deadLetter.record.origin).toEqual(origin);
    const decoded = decodeRecord(deadLetter.record, makeHttpSource(), makeCompiledConfig().limits);
    expect(decoded).toMatchObject({
      kind: 'events',
      events: [{ id: event.id, identity: event.identity, headers }],
    });
  });

  it('keeps the attributes of a message that SQS moved from a queue of yours, Binary ones as well', () => {
    const headerList = [
      { name: 'Tenant', value: 'blue' },
      { name: 'digest', value: Uint8Array.from([0xff]) },
    ];
    const meantForQueueArn = 'arn:aws:sqs:eu-west-1:123456789012:jobs';
    const moved = { ...makeHiddenMessage('{}', { meantForQueueArn }), headerList };
    const reading = parseDeadLetterMessage(moved, 'jobs');
    const deadLetter = parseDeadLetter(JSON.parse(reading.kind === 'whole' ? reading.deadLetterJson : ''));
    expect(deadLetter).toMatchObject({ record: { headerList } });
  });

  it.each([
    ['SQS moved from the queue of its source', new Map<string, string>(), 'max-receives-exceeded'],
    ['EventBridge could not deliver', new Map([['error_code', 'NO_PERMISSIONS']]), 'not-delivered'],
  ])('makes a dead letter of a record that %s', (_, attributes, code) => {
    const meantForQueueArn = 'arn:aws:sqs:eu-west-1:123456789012:shop';
    const moved = makeHiddenMessage('{"detail-type":"Order Paid"}', { attributes, meantForQueueArn });
    const reading = parseDeadLetterMessage(moved, 'shop');
    expect(reading).toMatchObject({ kind: 'whole', summary: { source: 'shop', code, eventId: null } });
    const deadLetter = parseDeadLetter(JSON.parse(reading.kind === 'whole' ? reading.deadLetterJson : ''));
    expect(deadLetter).toMatchObject({
      record: {
        origin: { kind: 'sqs', messageId: moved.messageId, queueArn: meantForQueueArn },
        body: moved.body,
      },
    });
    // The queue of windows is that of no source: what AWS moved there is a timer.
    expect(parseDeadLetterMessage(moved, null)).toEqual({ kind: 'unrecognized' });
  });

  it('does not recognize messages that are not dead letters, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(parseDeadLetterMessage(makeHiddenMessage(body), 'jobs')).toEqual({ kind: 'unrecognized' });
      }),
    );
  });

  it('does not recognize a dead letter without a source, a code or a time', () => {
    const [message] = makeDeadLetterMessages();
    const deadLetter = JSON.parse(message?.body ?? '') as Record<string, unknown>;
    for (const field of ['source', 'code', 'time', 'route', 'eventId']) {
      const body = JSON.stringify({ ...deadLetter, [field]: 7 });
      expect(parseDeadLetterMessage(makeHiddenMessage(body), 'jobs')).toEqual({ kind: 'unrecognized' });
    }
  });
});
