import { describe, expect, it } from 'vitest';
import type { HiddenMessage, RedriveQueue } from '../../lib/redrive/redrive-ports.ts';

export interface RedriveQueueUnderTest {
  readonly queue: RedriveQueue;
  readonly send: (body: string, attributes?: Readonly<Record<string, string | Uint8Array>>) => Promise<void>;
}

/** What every RedriveQueue promises. `makeQueue` gives an empty queue. */
export function defineRedriveQueueContract(
  name: string,
  makeQueue: () => Promise<RedriveQueueUnderTest>,
): void {
  /** So many messages; a queue may show them a few at a time, and an empty one shows none. */
  async function receiveAll(queue: RedriveQueue, count: number): Promise<readonly HiddenMessage[]> {
    const received: HiddenMessage[] = [];
    while (received.length < count) received.push(...(await queue.receive()));
    return received;
  }

  const bodiesOf = (messages: readonly HiddenMessage[]): string[] =>
    messages.map(({ body }) => body).toSorted();

  describe(`${name} as a redrive queue`, () => {
    it('hides received messages until they are released', async () => {
      const { queue, send } = await makeQueue();
      const bodies = Array.from({ length: 23 }, (_, index) => `{"n":${String(index + 10)}}`);
      for (const body of bodies) await send(body);

      const received = await receiveAll(queue, bodies.length);

      expect(bodiesOf(received)).toEqual(bodies);
      expect(await queue.receive()).toEqual([]);
      await queue.release(received);
      expect(bodiesOf(await receiveAll(queue, bodies.length))).toEqual(bodies);
    });

    it('deletes messages permanently, as many as requested', async () => {
      const { queue, send } = await makeQueue();
      for (let n = 0; n < 12; n++) await send(`{"n":${String(n)}}`);
      const received = await receiveAll(queue, 12);

      expect(await queue.delete(received.slice(1))).toEqual([]);

      await queue.release(received.slice(0, 1));
      expect(bodiesOf(await receiveAll(queue, 1))).toEqual(bodiesOf(received.slice(0, 1)));
      expect(await queue.receive()).toEqual([]);
    });

    it('returns the attributes of a message by lower-case names, and when it was sent', async () => {
      const { queue, send } = await makeQueue();
      await send('{}', { 'sluice-source': 'hook', 'Content-Type': 'application/json' });
      const [message] = await receiveAll(queue, 1);
      expect(message?.attributes).toEqual(
        new Map([
          ['sluice-source', 'hook'],
          ['content-type', 'application/json'],
        ]),
      );
      expect(message?.sentAtEpochMs).toBeGreaterThan(1_700_000_000_000);
    });

    it('returns the attributes of a message as they are, Binary ones as bytes', async () => {
      const { queue, send } = await makeQueue();
      await send('{}', { Tenant: 'blue', digest: Uint8Array.from([0, 255]) });
      const [message] = await receiveAll(queue, 1);
      const headers = (message?.headerList ?? []).map(
        ({ name, value }) => [name, Buffer.from(value)] as const,
      );
      expect(new Map(headers)).toEqual(
        new Map([
          ['Tenant', Buffer.from('blue')],
          ['digest', Buffer.from([0, 255])],
        ]),
      );
    });
  });
}
