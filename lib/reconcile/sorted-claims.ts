/** Sorts claims by what the table alone says: settled, in flight, or in need of a closer look. */
import type { Claim, RecordedBatch } from '../ports.ts';
import { memberOfClaim } from '../routing/member.ts';

/** Each claim is in exactly one of these. */
export interface SortedClaims {
  readonly settled: readonly Claim[];
  /** Claims with a live lease: a worker may be about to create their run, or to claim them anew. */
  readonly inFlight: readonly Claim[];
  /** Grouped by batch; the batch has a record or chunk, which does not list them. */
  readonly excluded: ReadonlyMap<string, readonly Claim[]>;
  /** Grouped by batch; the batch has neither record nor chunk. */
  readonly orphans: ReadonlyMap<string, readonly Claim[]>;
}

export function sortClaims(
  claims: readonly Claim[],
  records: ReadonlyMap<string, RecordedBatch>,
  nowEpochSeconds: number,
): SortedClaims {
  const settled: Claim[] = [];
  const inFlight: Claim[] = [];
  const excluded: Claim[] = [];
  const orphans: Claim[] = [];
  const members = new Map<string, ReadonlySet<string>>();
  for (const [batchId, record] of records) members.set(batchId, new Set(record.members));
  for (const claim of claims) {
    const listed = members.get(claim.batchId);
    if (listed?.has(memberOfClaim(claim.claimKey).memberId) === true) settled.push(claim);
    else if (claim.leaseUntilEpochSeconds > nowEpochSeconds) inFlight.push(claim);
    else (listed === undefined ? orphans : excluded).push(claim);
  }
  return { settled, inFlight, excluded: byBatch(excluded), orphans: byBatch(orphans) };
}

export function byBatch(claims: readonly Claim[]): ReadonlyMap<string, readonly Claim[]> {
  return Map.groupBy(claims, ({ batchId }) => batchId);
}
