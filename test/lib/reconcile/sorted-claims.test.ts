import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberOfClaim } from '../../../lib/routing/member.ts';
import { sortClaims } from '../../../lib/reconcile/sorted-claims.ts';
import type { RecordedBatch } from '../../../lib/ports.ts';
import { sampleBatchId, sampleClaim, sampleRecord } from '../../support/builders/sample-claims.ts';

const NOW = 1_800_000_000;

const claimsOfBatches = fc.uniqueArray(
  fc.record({
    event: fc.nat(30),
    batch: fc.constantFrom('one', 'two', 'three'),
    leaseSeconds: fc.integer({ min: -5, max: 5 }),
  }),
  { selector: ({ event }) => event, maxLength: 20 },
);

/** Which events each recorded batch lists; a batch that is not there has no record. */
const recordedEvents = fc.dictionary(fc.constantFrom('one', 'two', 'three'), fc.array(fc.nat(30)), {
  noNullPrototype: true,
});

describe('sortClaims', () => {
  it("sorts each claim into one group: by the members of its batch's record, then by its lease", () => {
    fc.assert(
      fc.property(claimsOfBatches, recordedEvents, (claimed, recorded) => {
        const claims = claimed.map(({ event, batch, leaseSeconds }) => ({
          ...sampleClaim(String(event), batch),
          leaseUntilEpochSeconds: NOW + leaseSeconds,
        }));
        const records = new Map<string, RecordedBatch>(
          Object.entries(recorded).map(([batch, events]) => [
            sampleBatchId(batch),
            sampleRecord(batch, {
              members: events.map((event) => memberOfClaim(sampleClaim(String(event)).claimKey).memberId),
            }),
          ]),
        );

        const sorted = sortClaims(claims, records, NOW);

        const heapOf = new Map([
          ...sorted.settled.map(({ claimKey }) => [claimKey, 'settled'] as const),
          ...sorted.inFlight.map(({ claimKey }) => [claimKey, 'in flight'] as const),
          ...[...sorted.excluded].flatMap(([, of]) => of.map(({ claimKey }) => [claimKey, 'left'] as const)),
          ...[...sorted.orphans].flatMap(([, of]) => of.map(({ claimKey }) => [claimKey, 'orphan'] as const)),
        ]);
        expect(claims.map(({ claimKey }) => heapOf.get(claimKey))).toEqual(
          claimed.map(({ event, batch, leaseSeconds }) => {
            if (recorded[batch]?.includes(event) === true) return 'settled';
            if (leaseSeconds > 0) return 'in flight';
            return recorded[batch] === undefined ? 'orphan' : 'left';
          }),
        );
        for (const [batchId, of] of [...sorted.excluded, ...sorted.orphans]) {
          expect(of.every((claim) => claim.batchId === batchId)).toBe(true);
        }
      }),
    );
  });
});
