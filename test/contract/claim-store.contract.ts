import { describe, expect, it } from 'vitest';
import type { ClaimStore } from '../../lib/ports.ts';
import { sampleBatchId, sampleClaim, sampleClaims } from '../support/builders/sample-claims.ts';

/** What every ClaimStore promises. `makeStore` gives an empty store. */
export function defineClaimStoreContract(name: string, makeStore: () => Promise<ClaimStore>): void {
  describe(`${name} as a claim store`, () => {
    it.each([0, 1, 25, 26, 100, 101, 1000])(
      'inserts %i new claims, finds them as they were written, and inserts none of them twice',
      async (count) => {
        const store = await makeStore();
        const claims = sampleClaims(count);

        expect(await store.insertClaims(claims)).toEqual(claims.map(() => 'inserted'));
        expect(await store.readClaims(claims.map((claim) => claim.claimKey))).toEqual(
          new Map(claims.map((claim) => [claim.claimKey, claim])),
        );

        const others = sampleClaims(count, 'another batch');
        expect(await store.insertClaims(others)).toEqual(claims.map(() => 'exists'));
        expect(await store.readClaims(claims.map((claim) => claim.claimKey))).toEqual(
          new Map(claims.map((claim) => [claim.claimKey, claim])),
        );
      },
    );

    it('answers for each claim on its own, in the order asked', async () => {
      const store = await makeStore();
      const claims = sampleClaims(60);
      const taken = claims.filter((_, index) => index % 3 === 0);
      await store.insertClaims(taken);

      expect(await store.insertClaims(claims)).toEqual(
        claims.map((_, index) => (index % 3 === 0 ? 'exists' : 'inserted')),
      );
    });

    it('keeps the same dedupe key apart on different routes', async () => {
      const store = await makeStore();
      const claims = [sampleClaim('event', 'batch', 'orders'), sampleClaim('event', 'batch', 'audit')];

      expect(await store.insertClaims(claims)).toEqual(['inserted', 'inserted']);
    });

    it('refuses a call that names a claim twice', async () => {
      const store = await makeStore();

      await expect(store.insertClaims([sampleClaim('event'), sampleClaim('event')])).rejects.toThrow(
        RangeError,
      );
      const move = { claim: sampleClaim('event'), fromBatchId: sampleBatchId('batch') };
      await expect(store.moveClaims([move, move])).rejects.toThrow(RangeError);
    });

    it('lets exactly one of many racing callers insert each claim, and shows it to all of them', async () => {
      const store = await makeStore();
      const callers = Array.from({ length: 12 }, (_, caller) =>
        sampleClaims(40, `batch of caller ${caller}`),
      );

      const answers = await Promise.all(callers.map((claims) => store.insertClaims(claims)));
      const stored = await store.readClaims(sampleClaims(40).map((claim) => claim.claimKey));

      for (const [index, claim] of sampleClaims(40).entries()) {
        const winners = callers.filter((_, caller) => answers[caller]?.[index] === 'inserted');
        expect(winners.map((claims) => claims[index])).toEqual([stored.get(claim.claimKey)]);
      }
    });

    it('leaves claims that do not exist out of what it reads, and reads a key that is named twice', async () => {
      const store = await makeStore();
      const claim = sampleClaim('event');
      await store.insertClaims([claim]);

      const read = await store.readClaims([claim.claimKey, sampleClaim('absent').claimKey, claim.claimKey]);

      expect(read).toEqual(new Map([[claim.claimKey, claim]]));
    });

    it('moves a claim, its lease and its expiry from the batch that was read, and from no other', async () => {
      const store = await makeStore();
      const claims = sampleClaims(30);
      await store.insertClaims(claims);
      const moved = claims.map((claim, index) => ({
        ...claim,
        batchId: sampleBatchId('new batch'),
        leaseUntilEpochSeconds: claim.leaseUntilEpochSeconds + 1 + index,
        expiresAtEpochSeconds: claim.expiresAtEpochSeconds + 1 + index,
      }));

      const answers = await store.moveClaims(
        moved.map((claim, index) => ({
          claim,
          fromBatchId: sampleBatchId(index % 2 === 0 ? 'batch' : 'a batch that it never named'),
        })),
      );

      expect(answers).toEqual(claims.map((_, index) => (index % 2 === 0 ? 'moved' : 'changed')));
      expect(await store.readClaims(claims.map((claim) => claim.claimKey))).toEqual(
        new Map(claims.map((claim, index) => [claim.claimKey, index % 2 === 0 ? moved[index] : claim])),
      );
    });

    it('does not make a claim by moving one that does not exist', async () => {
      const store = await makeStore();
      const claim = sampleClaim('absent');

      expect(await store.moveClaims([{ claim, fromBatchId: claim.batchId }])).toEqual(['changed']);
      expect(await store.readClaims([claim.claimKey])).toEqual(new Map());
    });

    it('lets exactly one of many racing callers move each claim', async () => {
      const store = await makeStore();
      await store.insertClaims(sampleClaims(30));
      const callers = Array.from({ length: 10 }, (_, caller) =>
        sampleClaims(30, `batch of caller ${caller}`),
      );

      const answers = await Promise.all(
        callers.map((claims) =>
          store.moveClaims(claims.map((claim) => ({ claim, fromBatchId: sampleBatchId('batch') }))),
        ),
      );
      const stored = await store.readClaims(sampleClaims(30).map((claim) => claim.claimKey));

      for (const [index, claim] of sampleClaims(30).entries()) {
        const winners = callers.filter((_, caller) => answers[caller]?.[index] === 'moved');
        expect(winners.map((claims) => claims[index])).toEqual([stored.get(claim.claimKey)]);
      }
    });
  });
}
