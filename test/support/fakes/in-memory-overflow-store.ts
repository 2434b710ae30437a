import type { OverflowObject, OverflowStore, StoreObjectResult } from '../../../lib/ports.ts';

/** What happens to a put: it is answered; it is stored and the answer lost; it is not stored. */
export type PutFate = 'answered' | 'lost' | 'refused';

export class InMemoryOverflowStore implements OverflowStore {
  readonly bucket = 'overflow';
  readonly bodies = new Map<string, string>();
  /** Of the next puts, in order; those after them are answered. */
  readonly fates: PutFate[] = [];

  async storeObject({ key, bodyJson }: OverflowObject): Promise<StoreObjectResult> {
    const fate = this.fates.shift() ?? 'answered';
    if (fate !== 'refused') this.bodies.set(key, bodyJson);
    return fate === 'answered' ? { kind: 'stored' } : { kind: 'unavailable', detail: `the put was ${fate}` };
  }
}
