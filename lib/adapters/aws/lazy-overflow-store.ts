import type { OverflowObject, OverflowStore, StoreObjectResult } from '../../ports.ts';

/** The client of S3 is evaluated when something has to be stored: cold starts are not to pay for it. */
export class LazyOverflowStore implements OverflowStore {
  readonly bucket: string;
  #loading: Promise<OverflowStore> | undefined;

  constructor(bucket: string) {
    this.bucket = bucket;
  }

  async storeObject(object: OverflowObject, timeoutMs: number): Promise<StoreObjectResult> {
    const store = await (this.#loading ??= this.#load());
    return store.storeObject(object, timeoutMs);
  }

  async #load(): Promise<OverflowStore> {
    const { createS3OverflowStore } = await import('./s3-overflow-store.ts');
    return createS3OverflowStore(this.bucket);
  }
}
