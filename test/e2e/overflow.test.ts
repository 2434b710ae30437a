/** Parameters that are too large for Prefect: put into the bucket of the deployed app, by both functions that may. */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { awsEndpointAt } from '../../scripts/stack/aws-endpoint.ts';
import { eventually, post, prefect } from '../support/parts/e2e-sluice.ts';
import { canonicalJson } from '../support/builders/exact-json.ts';
import { readReference } from '../support/parts/read-reference.ts';

const { keepOrdersId, overflowBucket } = inject('e2eDeployment');
const s3 = new S3Client(awsEndpointAt(inject('awsEndpointUrl')));

/** `ä` has two bytes, and Prefect counts six. */
async function postOrder(id: string, characters: number): Promise<void> {
  const data = JSON.stringify({ id, padding: 'ä'.repeat(characters) });
  const event = `{"specversion":"1.0","id":"${id}","source":"/e2e","type":"order.kept","data":${data}}`;
  expect((await post(event, 'application/cloudevents+json')).status).toBe(202);
}

/** Ids of the orders of each run that start so, in the order of the first. */
async function keptIds(prefix: string): Promise<readonly (readonly string[])[]> {
  const bodies = await objectsInBucket();
  const runs = await prefect.listFlowRuns({ deploymentId: keepOrdersId });
  const kept = runs.map(({ parameters }) => {
    const { orders } = JSON.parse(canonicalJson(parameters)) as { readonly orders: unknown };
    const read = readReference(orders, (bucket, key) =>
      bucket === overflowBucket ? bodies.get(key) : undefined,
    );
    return (read as readonly { readonly id: string }[]).map(({ id }) => id).toSorted();
  });
  const meant = kept.filter((ids) => ids.some((id) => id.startsWith(prefix)));
  return meant.toSorted(([one = ''], [other = '']) => one.localeCompare(other));
}

async function objectsInBucket(): Promise<ReadonlyMap<string, string>> {
  const { Contents: contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: overflowBucket }));
  const bodies = contents.map(async ({ Key: key = '' }) => {
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: overflowBucket, Key: key }));
    return [key, (await body?.transformToString('utf8')) ?? ''] as const;
  });
  return new Map(await Promise.all(bodies));
}

it('An order that is too large alone, and a window of orders that are too large together, are a run each.', async () => {
  const prefix = randomUUID();
  const alone = `${prefix}-alone`;
  const together = ['1', '2', '3'].map((number) => `${prefix}-together-${number}`);
  await Promise.all([postOrder(alone, 150_000), ...together.map((id) => postOrder(id, 60_000))]);
  await eventually(async () => (await keptIds(prefix)).flat().length >= 4);
  expect(await keptIds(prefix)).toEqual([[alone], together]);
  const objects = [...(await objectsInBucket())].filter(([, body]) => body.includes(prefix));
  expect(objects.map(([key]) => key.split('/')[0])).toEqual(['keep-orders', 'keep-orders']);
});
