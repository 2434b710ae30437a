import { describe, expect, it } from 'vitest';
import {
  MAX_QUEUE_MESSAGE_BYTES,
  queuedFacts,
  queueMessageBytes,
  toQueueMessage,
} from '../../lib/event/queue-message.ts';
import type { EventQueue, QueueMessage } from '../../lib/ports.ts';
import { QueueUnavailableError } from '../../lib/unavailable-error.ts';
import { makeHttpSource } from '../support/builders/compiled-config.ts';
import { jsonData, makeEvent } from '../support/builders/make-event.ts';

export interface EventQueueUnderTest {
  readonly queue: EventQueue;
  /** Takes that many messages out of the queue, in any order. */
  readonly receiveMessages: (count: number) => Promise<readonly QueueMessage[]>;
  /** From then on nothing can be stored. */
  readonly takeAway: () => Promise<void>;
}

/** What every EventQueue promises. `makeQueue` gives an empty queue. */
export function defineEventQueueContract(name: string, makeQueue: () => Promise<EventQueueUnderTest>): void {
  describe(`${name} as an event queue`, () => {
    it.each([1, 10, 11, 25])('stores %i messages with their attributes', async (count) => {
      const { queue, receiveMessages } = await makeQueue();
      const messages = Array.from({ length: count }, (_, index) => messageOf(JSON.stringify({ index })));

      await queue.sendEvents(messages);

      expect(sorted(await receiveMessages(count))).toEqual(sorted(messages));
    });

    it('stores whatever characters an event may hold', async () => {
      const { queue, receiveMessages } = await makeQueue();
      const message = messageOf('{"a": "é 💧\u007f\u0085\u2028\uFFFD\uFFFE\uFFFF", "b":\t[1,\r\n2]}');

      await queue.sendEvents([message]);

      expect(await receiveMessages(1)).toEqual([message]);
    });

    it('stores whatever headers and identity an event may have', async () => {
      const { queue, receiveMessages } = await makeQueue();
      const text = '\0\t\u007f\u0085é💧\u2028\uFFFD\uFFFE\uFFFF\ud800"\\';
      const headers = [
        { name: text, value: text },
        { name: 'bytes', value: Uint8Array.from([0, 255]) },
      ];
      const message = toQueueMessage(
        { ...makeEvent({ identity: ['cloudevents', 'sluice:hook', text] }), origin: ORIGIN, headers },
        makeHttpSource(),
      );

      await queue.sendEvents([message]);

      const [received] = await receiveMessages(1);
      expect(received).toEqual(message);
      expect(queuedFacts(new Map(Object.entries(received?.attributes ?? {})))).toMatchObject({
        identity: ['cloudevents', 'sluice:hook', text],
        headerList: headers,
      });
    });

    it('stores messages of the largest size, which are together too large for one request', async () => {
      const { queue, receiveMessages } = await makeQueue();
      const envelope = queueMessageBytes(messageOf('""'));
      const messages = ['a', 'b'].map((letter) =>
        messageOf(JSON.stringify(letter.repeat(MAX_QUEUE_MESSAGE_BYTES - envelope))),
      );
      expect(messages.map(queueMessageBytes)).toEqual([MAX_QUEUE_MESSAGE_BYTES, MAX_QUEUE_MESSAGE_BYTES]);

      await queue.sendEvents(messages);

      expect(sorted(await receiveMessages(2))).toEqual(sorted(messages));
    });

    it('throws when messages cannot be stored, and says how many', async () => {
      const { queue, takeAway } = await makeQueue();
      await takeAway();

      const failure = queue.sendEvents([messageOf('1'), messageOf('2')]);

      await expect(failure).rejects.toThrow(QueueUnavailableError);
      await expect(failure).rejects.toMatchObject({ missing: 2, retryable: true });
    });
  });
}

const ORIGIN = {
  kind: 'http',
  requestId: 'request-1',
  index: 0,
  receivedAtEpochMs: 1_790_000_000_000,
} as const;

function messageOf(dataText: string): QueueMessage {
  return toQueueMessage({ ...makeEvent({ data: jsonData(dataText) }), origin: ORIGIN }, makeHttpSource());
}

function sorted(messages: readonly QueueMessage[]): readonly QueueMessage[] {
  return messages.toSorted((a, b) => (a.body < b.body ? -1 : 1));
}
