import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { OverflowObject, OverflowStore, StoreObjectResult } from '../../ports.ts';
import { awsClientSettings } from './aws-client-settings.ts';
import { errorName } from './aws-error.ts';

/** Five MiB have to go through within it. */
const REQUEST_TIMEOUT_MS = 10_000;

export interface S3OverflowOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

/** A bucket of S3, which is strongly consistent: every reader sees an object once it is put. */
export class S3OverflowStore implements OverflowStore {
  readonly bucket: string;
  readonly #client: S3Client;

  constructor({ client, bucket }: S3OverflowOptions) {
    this.#client = client;
    this.bucket = bucket;
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
  async storeObject(
    { key, bodyJson, sha256 }: OverflowObject,
    timeoutMs: number,
  ): Promise<StoreObjectResult> {
    const request = new PutObjectCommand({
      Bucket: this.bucket,
      Key: key,
      Body: bodyJson,
      ContentType: 'application/json',
      // S3 refuses what is not what the reference says.
      ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
    });
    try {
      await this.#client.send(request, {
        abortSignal: AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs))),
      });
      return { kind: 'stored' };
    } catch (error) {
      // A deployment can fix "access denied" as well, so the events have to wait for it.
      return { kind: 'unavailable', detail: `parameters could not be put into S3: ${errorName(error)}` };
    }
  }
}

export function createS3OverflowStore(bucket: string): S3OverflowStore {
  const client = new S3Client(awsClientSettings({ requestTimeoutMs: REQUEST_TIMEOUT_MS }));
  return new S3OverflowStore({ client, bucket });
}
