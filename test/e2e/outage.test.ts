/** Prefect is away for a while. */
import { randomUUID } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { collectedIds, eventually, outcomesOf, post, sendMessages } from '../support/parts/e2e-sluice.ts';

const controlUrl = inject('prefectControlUrl');

async function control(command: 'stop' | 'start'): Promise<void> {
  const { status } = await fetch(`${String(controlUrl)}/${command}`, { method: 'POST' });
  expect(status).toBe(204);
}

it.skipIf(controlUrl === null)(
  'What is accepted while Prefect is down becomes flow runs when it is back, each event in one.',
  async () => {
    const prefix = randomUUID();
    const ids = ['posted-1', 'posted-2', 'sent-1', 'sent-2'].map((name) => `${prefix}-${name}`);
    const events = ids
      .slice(0, 2)
      .map((id) => ({ specversion: '1.0', id, source: '/e2e', type: 'order.collected', data: { id } }));
    await control('stop');
    try {
      const { status } = await post(JSON.stringify(events), 'application/cloudevents-batch+json');
      expect(status).toBe(202);
      await sendMessages(
        'jobs',
        ids.slice(2).map((id) => ({ body: JSON.stringify({ id }) })),
      );
      // They have been tried, and will be delivered again.
      await eventually(async () => {
        const posted = await outcomesOf(({ eventId }) => eventId?.startsWith(prefix) ?? false);
        const sent = await outcomesOf(
          ({ source, code }) => source === 'jobs' && code === 'prefect-unavailable',
        );
        return posted.includes('retry') && sent.includes('retry');
      });
    } finally {
      await control('start');
    }
    await eventually(async () => (await collectedIds(prefix)).length >= ids.length);
    expect(await collectedIds(prefix)).toEqual(ids);
  },
);
