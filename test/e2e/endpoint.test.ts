/** What is posted to the deployed endpoint, and what becomes of it in Prefect. */
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import {
  ask,
  collectedIds,
  eventually,
  outcomesOf,
  post,
  prefect,
  queueIsEmpty,
  receiveDeadLetters,
} from '../support/parts/e2e-sluice.ts';
import { canonicalJson, parseExactJson } from '../support/builders/exact-json.ts';
import type { StoredFlowRun } from '../support/parts/prefect-api.ts';

const { processOrdersId, collectOrdersId } = inject('e2eDeployment');
const CLOUD_EVENT = 'application/cloudevents+json';
const CLOUD_EVENTS = 'application/cloudevents-batch+json';

function cloudEvent(id: string, type: string, dataJson: string): string {
  return `{"specversion":"1.0","id":"${id}","source":"/e2e","type":"${type}","data":${dataJson}}`;
}

async function runsWith(text: string): Promise<readonly StoredFlowRun[]> {
  const runs = await prefect.listFlowRuns({ deploymentId: processOrdersId });
  return runs.filter(({ parameters }) => canonicalJson(parameters).includes(text));
}

describe('the endpoint', () => {
  it('makes of an event a flow run that is executed with exactly its data', async () => {
    const id = randomUUID();
    const order =
      `{"orderId":"${id}","region":"eu","total":12.5,"serial":123456789012345678901234567890,` +
      '"precise":0.1000000000000000055511151231257827,"note":"zu groß 😞 \\u0001","none":null,"list":[[],{}]}';
    expect(await post(cloudEvent(id, 'order.paid', order), CLOUD_EVENT)).toEqual({
      status: 202,
      body: { events: [{ id, source: '/e2e' }] },
    });
    await eventually(async () => (await runsWith(id)).some(({ stateName }) => stateName === 'Completed'));
    const [run, ...others] = await runsWith(id);
    expect(others).toEqual([]);
    expect(run && canonicalJson(run.parameters)).toBe(canonicalJson(parseExactJson(`{"orders":[${order}]}`)));
  });

  it('makes one flow run of an event that is posted twice', async () => {
    const id = randomUUID();
    const event = cloudEvent(id, 'order.collected', `{"id":"${id}"}`);
    const first = await post(event, CLOUD_EVENT);
    expect(first.status).toBe(202);
    expect(await post(event, CLOUD_EVENT)).toEqual(first);
    await eventually(async () => {
      const outcomes = await outcomesOf(({ eventId }) => eventId === id);
      return outcomes.filter((outcome) => outcome !== 'retry').length === 2;
    });
    expect(await collectedIds(id)).toEqual([id]);
  });

  it('takes a batch of CloudEvents, and each of them goes its own way', async () => {
    const id = randomUUID();
    const batch = [
      cloudEvent(`${id}-1`, 'order.collected', `{"id":"${id}-1"}`),
      cloudEvent(`${id}-2`, 'order.collected', `{"id":"${id}-2"}`),
      cloudEvent(`${id}-3`, 'parcel.shipped', `{"id":"${id}-3"}`),
    ];
    expect(await post(`[${batch.join(',')}]`, CLOUD_EVENTS)).toMatchObject({ status: 202 });
    await eventually(async () => {
      const outcomes = await outcomesOf(({ eventId }) => eventId?.startsWith(id) ?? false);
      return outcomes.filter((outcome) => outcome !== 'retry').length === 3;
    });
    expect(await outcomesOf(({ eventId }) => eventId === `${id}-3`)).toEqual(['filtered']);
    expect(await collectedIds(id)).toEqual([`${id}-1`, `${id}-2`]);
  });

  it('answers with the flow run of an event, the one that Prefect has, and with the same one again', async () => {
    const id = randomUUID();
    const event = cloudEvent(id, 'order.collected', `{"id":"${id}"}`);
    // Another 202 comes only from a machine that is too busy; whoever wants the run sends the same once more.
    let answer = await ask(event, CLOUD_EVENT);
    await eventually(async () => {
      if (answer.status === 202) answer = await ask(event, CLOUD_EVENT);
      return answer.status !== 202;
    });
    const runs = await prefect.listFlowRuns({ deploymentId: collectOrdersId });
    const [run, ...others] = runs.filter(({ parameters }) => canonicalJson(parameters).includes(id));
    expect(others).toEqual([]);
    const state = { route: 'collect-orders', state: 'created', flowRunId: run?.flowRunId };
    const body = { events: [{ id, source: '/e2e', routes: [state] }] };
    expect(answer).toEqual({ status: 201, body });
    expect(await ask(event, CLOUD_EVENT)).toEqual(answer);
  });

  it('says at once that no route wants an event', async () => {
    const id = randomUUID();
    expect(await ask(cloudEvent(id, 'parcel.shipped', '{}'), CLOUD_EVENT)).toEqual({
      status: 200,
      body: { events: [{ id, source: '/e2e', routes: [] }] },
    });
  });

  it('refuses what is malformed or unauthorized, and nothing of it goes anywhere', async () => {
    const id = randomUUID();
    const good = cloudEvent(`${id}-good`, 'order.collected', `{"id":"${id}-good"}`);
    const bad = cloudEvent(`${id}-bad`, 'order.collected', `{"id":"${id}-bad"}`);
    expect(await post(bad.slice(0, -1), CLOUD_EVENT)).toMatchObject({
      status: 400,
      body: { code: 'invalid-json' },
    });
    expect(await post(`[${bad},{"id":"${id}"}]`, CLOUD_EVENTS)).toMatchObject({
      status: 400,
      body: { code: 'invalid-cloudevent', index: 1 },
    });
    expect(await post(bad, CLOUD_EVENT, 'guessed')).toMatchObject({ status: 401 });

    // Whatever had been let in would be through when this one, which came later, is.
    expect(await post(good, CLOUD_EVENT)).toMatchObject({ status: 202 });
    await eventually(async () => (await collectedIds(id)).length > 0 && (await queueIsEmpty('hook')));
    expect(await collectedIds(id)).toEqual([`${id}-good`]);
    expect(await outcomesOf(({ eventId }) => eventId?.startsWith(id) ?? false)).toEqual(['created']);
    expect(await receiveDeadLetters('hook')).toEqual([]);
  });
});
