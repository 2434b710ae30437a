/**
 * Find the events of a redrive that are dead-lettered, so that they may be claimed for another batch.
 *
 *   claim names ▶  a batch whose run is dead, with the event         it may move
 *                  a chunk, and a part of that window is dead, with it  it may move; the dead letter says which part
 *                  anything else                                     as with any delivery: a duplicate, excluded, …
 *
 * A dead run settles its key permanently, so nothing of that batch can run the event any more; the claim moves only from
 * the batch that was read, so of two redrives one moves it. A dead letter only says where to look: what it names
 * has to be dead, to list the event, and to be a part of the window that the claim leads to. So a dead letter that was
 * written twice, or is left from an earlier redrive, makes no second run.
 */
import type { Claim, RecordedBatch } from '../ports.ts';
import { isPartOf } from '../batching/batch-id.ts';
import { perform, type Program } from './effects.ts';
import type { Member } from '../routing/member.ts';
import type { SettlementLedger } from './settlement.ts';

/** The batches in which its dead letters say that an event died, by claim key. */
export type DeadBatchesByClaim = ReadonlyMap<string, readonly string[]>;

export interface Redrive {
  readonly installation: string;
  readonly deadBatches: DeadBatchesByClaim;
}

export interface ClaimedMember {
  readonly member: Member;
  readonly claim: Claim;
}

/** The others are in `rest`; of those whose death is uncertain the ledger says that they are left to another redrive. */
export interface Redrivable {
  readonly dead: readonly ClaimedMember[];
  readonly rest: readonly ClaimedMember[];
}

export function* findDeadMembers(
  claimed: readonly ClaimedMember[],
  records: ReadonlyMap<string, RecordedBatch>,
  { installation, deadBatches }: Redrive,
  ledger: SettlementLedger,
): Program<Redrivable> {
  const dead: ClaimedMember[] = [];
  const rest: ClaimedMember[] = [];
  for (const each of claimed) {
    const record = records.get(each.claim.batchId);
    if (record === undefined) rest.push(each);
    else if (record.kind === 'flow-run') (isDeadLetteredIn(record, each.member) ? dead : rest).push(each);
    else {
      const named = deadBatches.get(each.member.claimKey) ?? [];
      const death = yield* readDeath(each.member, named, { installation, windowId: record.windowId }, ledger);
      if (death === 'dead-lettered') dead.push(each);
      else if (death === 'not-dead-lettered') rest.push(each);
    }
  }
  return { dead, rest };
}

/** A record only saves requests: without it the run itself is asked. */
function* readDeath(
  member: Member,
  named: readonly string[],
  { installation, windowId }: { readonly installation: string; readonly windowId: string },
  ledger: SettlementLedger,
): Program<'dead-lettered' | 'not-dead-lettered' | 'indeterminate'> {
  if (named.length === 0) return 'not-dead-lettered';
  const { records } = yield* perform({ kind: 'read-records', batchIds: named });
  for (const batchId of named) {
    const record = records.get(batchId);
    // A dead letter of an earlier death: the claim has moved on to a window since.
    if (
      (record !== undefined && !isDeadLetteredIn(record, member)) ||
      !isPartOf(batchId, installation, windowId)
    )
      continue;
    if (record !== undefined) return 'dead-lettered';
    const { result } = yield* perform({ kind: 'find-run', batchId });
    if (result.kind === 'run') {
      if (isDeadLetteredIn(result.record, member)) return 'dead-lettered';
      continue;
    }
    // To call it a duplicate would be to lose it, if it is dead.
    if (result.kind === 'unavailable') ledger.leaveUnavailable([member], result);
    else ledger.leave([member], 'claim-indeterminate', 'the run that its dead letter names is gone');
    return 'indeterminate';
  }
  return 'not-dead-lettered';
}

function isDeadLetteredIn(record: RecordedBatch, { memberId }: Member): boolean {
  return record.kind === 'flow-run' && record.deadCode !== null && record.members.includes(memberId);
}
