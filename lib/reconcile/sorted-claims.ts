/** What the table alone says of claims: in a run or a window, at work, or in need of a closer look. */
import type { Claim, RecordedBatch } from '../ports.ts';
import { memberOfClaim } from '../routing/member.ts';

/** Every claim is in one of them. */
export interface SortedClaims {
  readonly settled: readonly Claim[];
  /** Their lease is alive: a worker may be about to make their run, or to claim them anew. */
  readonly inFlight: readonly Claim[];
  /** By batch, which is settled without them. */
  readonly excluded: ReadonlyMap<string, readonly Claim[]>;
  /** By batch, of which no record and no chunk is there. */
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
