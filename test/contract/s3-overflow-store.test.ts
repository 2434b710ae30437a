import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  S3Client,
} from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { S3OverflowStore } from '../../lib/adapters/aws/s3-overflow-store.ts';
import { TEST_AWS } from '../support/parts/sqs-test-queue.ts';
import { defineOverflowStoreContract, overflowObject } from './overflow-store.contract.ts';

const client = new S3Client({ ...TEST_AWS, endpoint: inject('awsEndpointUrl') });

async function makeBucket(): Promise<string> {
  const bucket = `sluice-test-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}

async function read(bucket: string, key: string): Promise<string | undefined> {
  try {
    const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await body?.transformToString('utf8');
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

defineOverflowStoreContract('S3OverflowStore', async () => {
  const bucket = await makeBucket();
  return { store: new S3OverflowStore({ client, bucket }), read: (key) => read(bucket, key) };
});

it('S3OverflowStore says that it is JSON', async () => {
  const bucket = await makeBucket();
  const object = overflowObject('route/batch/orders.json', '[]');
  await new S3OverflowStore({ client, bucket }).storeObject(object, 10_000);
  const { ContentType: type } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: object.key }));
  expect(type).toBe('application/json');
});

it('S3OverflowStore answers that nothing is stored when there is no such bucket', async () => {
  const store = new S3OverflowStore({ client, bucket: `sluice-test-${randomUUID()}` });
  expect(await store.storeObject(overflowObject('route/batch/orders.json', '[]'), 10_000)).toEqual({
    kind: 'unavailable',
    detail: 'parameters could not be put into S3: NoSuchBucket',
  });
});
