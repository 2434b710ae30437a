/**
 * Which events of a redrive died before, so that they may be claimed for another batch.
 *
 *   claim names ▶  a batch whose run is dead, with the event         it may move
 *                  a chunk, and a part of that window is dead, with it  it may move; the letter says which part
 *                  anything else                                     as with any delivery: a duplicate, left behind, …
 *
 * A dead run settles its key for ever, so nothing of that batch can run the event any more; the claim moves only from
 * the batch that was read, so of two redrives one moves it. A letter is believed only in where to look: what it names
 * has to be dead, to list the event, and to be a part of the window that the claim leads to. So a letter that was
 * written twice, or is left from an earlier redrive, makes no second run.
 */
import type { Claim, SettledBatch } from '../ports.ts';
import { isPartOf } from '../windows/window.ts';
import { ask, type Asking } from './effects.ts';
import type { Member } from '../routing/member.ts';
import { retryCodeOf, type SettlementLedger } from './settlement.ts';

/** By claim key: the batches in which its dead letters say that the event died. */
export type DeadBatches = ReadonlyMap<string, readonly string[]>;

export interface ClaimedMember {
  readonly member: Member;
  readonly claim: Claim;
}

/** The others are in `rest`; of those whose death is uncertain the ledger says that they are left to another redrive. */
export interface Risen {
  readonly dead: readonly ClaimedMember[];
  readonly rest: readonly ClaimedMember[];
}

export function* diedBefore(
  claimed: readonly ClaimedMember[],
  records: ReadonlyMap<string, SettledBatch>,
  deadBatches: DeadBatches,
  ledger: SettlementLedger,
): Asking<Risen> {
  const dead: ClaimedMember[] = [];
  const rest: ClaimedMember[] = [];
  for (const each of claimed) {
    const record = records.get(each.claim.batchId);
    if (record === undefined) rest.push(each);
    else if (!('windowId' in record)) (isDeadIn(record, each.member) ? dead : rest).push(each);
    else {
      const named = deadBatches.get(each.member.claimKey) ?? [];
      const death = yield* readDeath(each.member, named, record.windowId, ledger);
      if (death === 'dead') dead.push(each);
      else if (death === 'not-dead') rest.push(each);
    }
  }
  return { dead, rest };
}

/** A record only saves requests: without it the run itself is asked. */
function* readDeath(
  member: Member,
  named: readonly string[],
  windowId: string,
  ledger: SettlementLedger,
): Asking<'dead' | 'not-dead' | 'unclear'> {
  if (named.length === 0) return 'not-dead';
  const { records } = yield* ask({ kind: 'read-records', batchIds: named });
  for (const batchId of named) {
    const record = records.get(batchId);
    // The letter of an earlier death: the claim has moved on to a window since.
    if ((record !== undefined && !isDeadIn(record, member)) || !isPartOf(batchId, windowId)) continue;
    if (record !== undefined) return 'dead';
    const { answer } = yield* ask({ kind: 'find-run', batchId });
    if (answer.kind === 'run') {
      if (isDeadIn(answer.record, member)) return 'dead';
      continue;
    }
    // To call it a duplicate would be to lose it, if it is dead.
    if (answer.kind === 'unavailable') ledger.leave([member], retryCodeOf(answer), answer.detail);
    else ledger.leave([member], 'claim-unclear', 'the run that its letter names is gone');
    return 'unclear';
  }
  return 'not-dead';
}

function isDeadIn(record: SettledBatch, { memberId }: Member): boolean {
  return !('windowId' in record) && record.deadCode !== null && record.members.includes(memberId);
}
