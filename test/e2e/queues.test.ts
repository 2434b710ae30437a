/** Messages of the user's own queues. */
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import {
  collectedIds,
  eventually,
  prefect,
  queueIsEmpty,
  receiveDeadLetters,
  sendMessages,
} from '../support/parts/e2e-sluice.ts';

const { collectOrdersId } = inject('e2eDeployment');

function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(3, '0')}`);
}

describe('a standard queue', () => {
  it('has each of 100 events in one flow run that arrive in 200 messages at the same time', async () => {
    const ids = numbered(randomUUID(), 100);
    const bodies = ids.map((id) => ({ body: `{"id":"${id}"}` }));
    // The second time in another order, so that batches overlap without being alike.
    const again = bodies.map((_, index) => bodies[(index * 37) % bodies.length] ?? { body: '' });
    await Promise.all([sendMessages('jobs', bodies), sendMessages('jobs', again)]);
    await eventually(async () => {
      const isAllIn = (await collectedIds(ids[0]?.slice(0, 36) ?? '')).length >= ids.length;
      return isAllIn && (await queueIsEmpty('jobs'));
    });
    expect(await collectedIds(ids[0]?.slice(0, 36) ?? '')).toEqual(ids);
  });

  it('dead-letters the event that Prefect refuses, and runs its neighbors', async () => {
    const prefix = randomUUID();
    const neighbors = numbered(prefix, 4);
    // A number, where the schema of the flow wants a text.
    const poisonId = Number.parseInt(prefix.slice(0, 8), 16);
    const bodies = neighbors.map((id) => `{"id":"${id}"}`);
    bodies.splice(2, 0, `{"id":${String(poisonId)}}`);
    await sendMessages(
      'jobs',
      bodies.map((body) => ({ body })),
    );
    const letters: unknown[] = [];
    await eventually(async () => {
      // Letters of earlier runs come back, where the endpoint is not ours.
      const received = await receiveDeadLetters('jobs');
      letters.push(...received.filter((letter) => JSON.stringify(letter).includes(String(poisonId))));
      return letters.length > 0 && (await collectedIds(prefix)).length >= neighbors.length;
    });
    expect(await collectedIds(prefix)).toEqual(neighbors);
    expect(letters).toEqual([
      expect.objectContaining({
        route: 'collect-orders',
        stage: 'submit',
        code: 'refused-by-prefect',
        record: expect.objectContaining({ body: `{"id":${String(poisonId)}}` }) as unknown,
      }),
    ]);
    const runs = await prefect.listFlowRuns({ deploymentId: collectOrdersId });
    const deadRuns = runs.filter(({ flowRunId }) => JSON.stringify(letters).includes(flowRunId));
    expect(deadRuns.map(({ stateName }) => stateName)).toEqual(['DeadLettered']);
  });
});

describe('a FIFO queue', () => {
  it('has each event in one flow run, the events of a group in their order', async () => {
    const prefix = randomUUID();
    const groups = ['a', 'b'].map((group) => numbered(`${prefix}-${group}`, 6));
    const messages = groups.flatMap((ids, index) =>
      // The last one is a second message about the first event.
      [...ids, ids[0] ?? ''].map((id) => ({ body: `{"id":"${id}"}`, groupId: `${prefix}-${String(index)}` })),
    );
    await sendMessages('jobs-fifo', messages);
    await eventually(
      async () => (await collectedIds(prefix)).length >= 12 && (await queueIsEmpty('jobs-fifo')),
    );
    expect(await collectedIds(prefix)).toEqual(groups.flat());
    const runs = await prefect.listFlowRuns({ deploymentId: collectOrdersId });
    for (const { parameters } of runs) {
      const text = JSON.stringify(parameters);
      for (const ids of groups) {
        const inRun = ids.filter((id) => text.includes(id));
        expect(inRun.toSorted((a, b) => text.indexOf(a) - text.indexOf(b))).toEqual(inRun);
      }
    }
  });
});
