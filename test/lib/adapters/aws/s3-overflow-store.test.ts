import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { S3OverflowStore } from '../../../../lib/adapters/aws/s3-overflow-store.ts';

const client = new S3Client({ region: 'eu-west-1' });
const store = new S3OverflowStore({ client, bucket: 'overflow' });
// Of the two characters []: printf '[]' | sha256sum, and the same bytes through base64.
const object = {
  key: 'process-orders/batch/orders.json',
  bodyJson: '[]',
  sha256: '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945',
};

describe('a bucket of S3', () => {
  it('receives the hash of the reference, so that it refuses any other content', async () => {
    const mock = mockClient(client).on(PutObjectCommand).resolves({});
    expect(await store.storeObject(object, 1_000)).toEqual({ kind: 'stored' });
    expect(mock.calls().map(({ args: [{ input }] }) => input)).toEqual([
      {
        Bucket: 'overflow',
        Key: object.key,
        Body: '[]',
        ContentType: 'application/json',
        ChecksumSHA256: 'T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU=',
      },
    ]);
  });

  it.each(['AccessDenied', 'SlowDown', 'TimeoutError', 'AbortError'])(
    'is unavailable, and nothing is lost, when it answers %s',
    async (name) => {
      mockClient(client)
        .on(PutObjectCommand)
        .rejects(Object.assign(new Error('secret'), { name }));
      const detail = `parameters could not be put into S3: ${name}`;
      expect(await store.storeObject(object, 1_000)).toEqual({ kind: 'unavailable', detail });
    },
  );
});
