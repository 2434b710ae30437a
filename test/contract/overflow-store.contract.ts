import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { OverflowObject, OverflowStore } from '../../lib/ports.ts';

export interface OverflowStoreUnderTest {
  readonly store: OverflowStore;
  /** What a reader finds, as UTF-8; undefined: nothing. */
  readonly read: (key: string) => Promise<string | undefined>;
}

const ENOUGH_MS = 30_000;

export function overflowObject(key: string, bodyJson: string): OverflowObject {
  return { key, bodyJson, sha256: hash('sha256', bodyJson, 'hex') };
}

/** What every OverflowStore promises. */
export function defineOverflowStoreContract(
  name: string,
  makeStore: () => Promise<OverflowStoreUnderTest>,
): void {
  describe(`${name} as a store for parameters that are too large`, () => {
    it.each([
      ['a small one', '["ä \u{1F600} \\u0000"]'],
      ['one of 5 MiB', JSON.stringify(['x'.repeat(5 * 1024 * 1024)])],
    ])('keeps the bytes of an object, %s', async (_what, bodyJson) => {
      const { store, read } = await makeStore();
      const object = overflowObject('process-orders/batch.1/orders-1.json', bodyJson);
      expect(await store.storeObject(object, ENOUGH_MS)).toEqual({ kind: 'stored' });
      expect(await read(object.key)).toBe(bodyJson);
    });

    it('takes the same object again, and other objects beside it', async () => {
      const { store, read } = await makeStore();
      const object = overflowObject('process-orders/batch.1/orders-1.json', '[1]');
      const other = overflowObject('process-orders/batch.1/größe-2.json', '[2]');
      for (const each of [object, other, object]) {
        expect(await store.storeObject(each, ENOUGH_MS)).toEqual({ kind: 'stored' });
      }
      expect(await read(object.key)).toBe('[1]');
      expect(await read(other.key)).toBe('[2]');
      expect(await read('process-orders/batch.1/orders-3.json')).toBeUndefined();
    });
  });
}
