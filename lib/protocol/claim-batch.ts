/**
 * The claim protocol: every event of a batch ends in exactly one flow run, or is dead-lettered, or is left to
 * redelivery, whatever crashes, is retried, redelivered or reordered.
 *
 *   time ──▶  insert claims (event → batch) ──▶ create run (key = batch) ──▶ write record (members that came back)
 *             │                                 │                             │
 *     a crash here leaves claims        here, a run that may still      here, only a record that
 *     without a run: an orphan,         appear: created again under     saves requests: the run's
 *     created by a redelivery           the same key, Prefect's         own label says the same
 *                                       unique index is the judge
 *
 * Decisions only: it yields effects and is resumed with their answers, so that a model can run it through every
 * interleaving (test/model). Three rules carry the promise. A claim moves only from the batch that was read.
 * The key of a batch never changes. Membership is read from the run that Prefect returns, never inferred from what
 * was sent. Leases are for liveness; no clock can break safety.
 */
import type { Claim, RecordedBatch } from '../ports.ts';
import { appendBatch, abandonBatch, type AppendContext } from './append-to-window.ts';
import { createBatch, type Excluded } from './create-run.ts';
import { perform, type Program } from './effects.ts';
import { destinationOf, firstBatchId, nextBatchId, type BatchScope } from '../batching/batch-id.ts';
import type { DeliveredMember, Member } from '../routing/member.ts';
import { findDeadMembers, type ClaimedMember, type DeadBatchesByClaim } from './dead-members.ts';
import { SettlementLedger, type Settlements } from './settlement.ts';

export interface BatchContext extends BatchScope {
  /** The deployment that the route names today; a batch that was formed earlier keeps its own. */
  readonly deploymentRef: string;
  readonly nowEpochSeconds: number;
  readonly retentionSeconds: number;
  /** When this invocation is certainly over. */
  readonly leaseUntilEpochSeconds: number;
  /** The route's windows; null when it has none. */
  readonly window: AppendContext | null;
  /** Some of the events were delivered before: reading claims first is then cheaper than inserting in vain. */
  readonly redelivered: boolean;
  /** Set where flow runs are created in the order of the records (`order: strict` of the source). */
  readonly inOrder?: boolean;
  /** Set on a redrive: dead-lettered events are claimed for a new batch. Without it they stay dead-lettered. */
  readonly redrive?: DeadBatchesByClaim;
}

/** Re-claims chase a moving claim this often, then redelivery takes over. Without faults two are enough. */
const MAX_RECLAIMS = 8;

interface MovingMember {
  readonly member: Member;
  readonly fromBatchId: string;
}

/** Settles one batch of events of one route; `members` are unique. */
export function* settleBatch(
  members: readonly DeliveredMember[],
  context: BatchContext,
): Program<Settlements> {
  const settling = new BatchSettling(context);
  yield* settling.deliver(members);
  return settling.ledger.settlements;
}

class BatchSettling {
  readonly ledger = new SettlementLedger();
  readonly #context: BatchContext;
  #reclaimsLeft = MAX_RECLAIMS;

  constructor(context: BatchContext) {
    this.#context = context;
  }

  *deliver(members: readonly DeliveredMember[]): Program<void> {
    const batchId = firstBatchId(this.#context.deploymentRef, this.#context, members);
    const known = this.#context.redelivered ? yield* this.#readClaims(members) : [];
    const knownKeys = new Set(known.map(({ member }) => member.claimKey));
    const unknown = members.filter((member) => !knownKeys.has(member.claimKey));
    const { inserted, existing } = yield* this.#insertClaims(unknown, batchId);
    const conflicts = [...known, ...(yield* this.#readConflicts(existing))];
    yield* this.#settle(batchId, inserted, conflicts);
  }

  /** Every conflict reads the batch record first, our own batch included: it may be settled, its run even deleted. */
  *#settle(batchId: string, mine: readonly Member[], conflicts: readonly ClaimedMember[]): Program<void> {
    const records = yield* this.#readRecords([...new Set(conflicts.map(({ claim }) => claim.batchId))]);
    const { redrive: deadBatches, deploymentRef, installation } = this.#context;
    const { dead, rest } = deadBatches
      ? yield* findDeadMembers(conflicts, records, { installation, deadBatches }, this.ledger)
      : { dead: [], rest: conflicts };
    const groups = groupByBatch(rest);
    // A claim that names our own batch was inserted by a request of ours whose answer was lost, or by an identical delivery.
    const joining = records.has(batchId) ? [] : (groups.get(batchId) ?? []);
    const own = [...mine, ...joining.map(({ member }) => member)];
    if (joining.length > 0) groups.delete(batchId);
    // Where order counts, what was claimed before comes first, and what is behind it waits for it.
    if (this.#context.inOrder === true) {
      const isBlocked = (): boolean =>
        rest.some(({ member }) => this.ledger.settlements.get(member.claimKey)?.kind === 'retry');
      yield* this.#resolveAll(groups, records, isBlocked);
      if (isBlocked()) this.#holdBack(own);
      else yield* this.#create(batchId, own, joining);
    } else {
      yield* this.#create(batchId, own, joining);
      yield* this.#resolveAll(groups, records, () => false);
    }
    // Each died alone, in a batch of its own; now they may share a run again.
    yield* this.#moveClaims(
      dead.map(({ member, claim }) => ({ member, fromBatchId: claim.batchId })),
      deploymentRef,
    );
  }

  *#resolveAll(
    groups: ReadonlyMap<string, readonly ClaimedMember[]>,
    records: ReadonlyMap<string, RecordedBatch>,
    isBlocked: () => boolean,
  ): Program<void> {
    for (const [batchId, group] of groups) {
      if (isBlocked()) this.#holdBack(group.map(({ member }) => member));
      else yield* this.#resolve(batchId, group, records.get(batchId));
    }
  }

  #holdBack(members: readonly Member[]): void {
    this.ledger.leave(members, 'earlier-record-failed', 'an earlier record of its group is not settled');
  }

  #leaveInFlight(members: readonly Member[], leaseUntilEpochSeconds: number): void {
    const leaseMs = (leaseUntilEpochSeconds - this.#context.nowEpochSeconds) * 1_000;
    this.ledger.leave(members, 'in-flight', 'another invocation is at work on its batch', leaseMs);
  }

  *#resolve(
    batchId: string,
    group: readonly ClaimedMember[],
    record: RecordedBatch | undefined,
  ): Program<void> {
    const { nowEpochSeconds, deploymentRef } = this.#context;
    if (record === undefined) {
      const members = group.map(({ member }) => member);
      const leaseUntil = Math.max(...group.map(({ claim }) => claim.leaseUntilEpochSeconds));
      const leaseAlive = leaseUntil > nowEpochSeconds;
      if (leaseAlive) this.#leaveInFlight(members, leaseUntil);
      else yield* this.#create(batchId, members, group);
      return;
    }
    // Only a settled batch lets a claim that has expired count as absent: the event is a new one then.
    const isSettled = record.kind === 'chunk' ? record.isClosed : true;
    const isExpired = ({ claim }: ClaimedMember): boolean =>
      isSettled && claim.expiresAtEpochSeconds <= nowEpochSeconds;
    const current = group.filter((claimed) => !isExpired(claimed)).map(({ member }) => member);
    const expired = group.filter(isExpired).map(({ member }) => member);
    const excluded = this.ledger.settleFrom(record, current, 'duplicate');
    yield* this.#reclaim(batchId, { members: [...excluded, ...expired], deploymentRef });
  }

  /** Create the way that the batch was formed for: a late request of another worker may still go that way. */
  *#create(batchId: string, members: readonly Member[], claimed: readonly ClaimedMember[]): Program<void> {
    // Where all events belong to batches of others there is nothing to create, and no window to open.
    if (members.length === 0) return;
    const { deploymentRef, nowEpochSeconds, retentionSeconds, window, redrive } = this.#context;
    const expiries = claimed.map(({ claim }) => claim.expiresAtEpochSeconds);
    const claimsExpireAtEpochSeconds = Math.max(nowEpochSeconds + retentionSeconds, ...expiries);
    if (destinationOf(batchId) === 'window') {
      const addition = { batchId, members, claimsExpireAtEpochSeconds };
      const excluded =
        window === null
          ? yield* abandonBatch(batchId, members, this.ledger)
          : yield* appendBatch(addition, window, this.ledger);
      yield* this.#reclaim(batchId, { members: excluded, deploymentRef });
      return;
    }
    const context = { deploymentRef, claimsExpireAtEpochSeconds, isRedrive: redrive !== undefined };
    yield* this.#reclaim(batchId, yield* createBatch(batchId, members, context, this.ledger));
  }

  /** Move events that are excluded from their batch to a new batch, each if its claim still names the old one. */
  *#reclaim(fromBatchId: string, { members, deploymentRef }: Excluded): Program<void> {
    yield* this.#moveClaims(
      members.map((member) => ({ member, fromBatchId })),
      deploymentRef,
    );
  }

  *#moveClaims(claimed: readonly MovingMember[], deploymentRef: string): Program<void> {
    if (claimed.length === 0) return;
    const members = claimed.map(({ member }) => member);
    if (this.#reclaimsLeft-- === 0) {
      this.ledger.leave(members, 'in-flight', 'too many concurrent updates of its claim');
      return;
    }
    const predecessors = claimed.map(({ fromBatchId }) => fromBatchId);
    const batchId = nextBatchId(deploymentRef, this.#context, members, predecessors);
    const moves = claimed.map(({ member, fromBatchId }) => ({
      claim: this.#claim(member, batchId),
      fromBatchId,
    }));
    const { results } = yield* perform({ kind: 'move-claims', moves });
    const moved = members.filter((_, index) => results[index] === 'moved');
    const changed = members.filter((_, index) => results[index] === 'changed');
    const indeterminate = members.filter((_, index) => results[index] === 'indeterminate');
    this.ledger.leave(indeterminate, 'claim-indeterminate', 'the claim may or may not have been moved');
    yield* this.#settle(batchId, moved, yield* this.#readConflicts(changed));
  }

  /** An indeterminate answer is asked once more; still indeterminate, that event alone is left to redelivery. */
  *#insertClaims(
    members: readonly Member[],
    batchId: string,
  ): Program<{ readonly inserted: readonly Member[]; readonly existing: readonly Member[] }> {
    const inserted: Member[] = [];
    const existing: Member[] = [];
    let indeterminate = members;
    for (let attempt = 1; attempt <= 2 && indeterminate.length > 0; attempt++) {
      const asked = indeterminate;
      const claims = asked.map((member) => this.#claim(member, batchId));
      const { results } = yield* perform({ kind: 'insert-claims', claims });
      inserted.push(...asked.filter((_, index) => results[index] === 'inserted'));
      existing.push(...asked.filter((_, index) => results[index] === 'exists'));
      indeterminate = asked.filter((_, index) => results[index] === 'indeterminate');
    }
    this.ledger.leave(indeterminate, 'claim-indeterminate', 'the claim may or may not have been stored');
    return { inserted, existing };
  }

  /** A conflict whose claim is gone by the time it is read is left to redelivery. */
  *#readConflicts(members: readonly Member[]): Program<readonly ClaimedMember[]> {
    const conflicts = yield* this.#readClaims(members);
    const found = new Set(conflicts.map(({ member }) => member.claimKey));
    const gone = members.filter((member) => !found.has(member.claimKey));
    this.ledger.leave(gone, 'in-flight', 'its claim vanished while it was read');
    return conflicts;
  }

  *#readClaims(members: readonly Member[]): Program<readonly ClaimedMember[]> {
    if (members.length === 0) return [];
    const claimKeys = members.map((member) => member.claimKey);
    const { claims } = yield* perform({ kind: 'read-claims', claimKeys });
    return members.flatMap((member) => {
      const claim = claims.get(member.claimKey);
      return claim === undefined ? [] : [{ member, claim }];
    });
  }

  *#readRecords(batchIds: readonly string[]): Program<ReadonlyMap<string, RecordedBatch>> {
    if (batchIds.length === 0) return new Map();
    const { records } = yield* perform({ kind: 'read-records', batchIds });
    return records;
  }

  #claim({ claimKey }: Member, batchId: string): Claim {
    const { leaseUntilEpochSeconds, nowEpochSeconds, retentionSeconds } = this.#context;
    return {
      claimKey,
      batchId,
      leaseUntilEpochSeconds,
      expiresAtEpochSeconds: nowEpochSeconds + retentionSeconds,
    };
  }
}

function groupByBatch(conflicts: readonly ClaimedMember[]): Map<string, ClaimedMember[]> {
  const groups = new Map<string, ClaimedMember[]>();
  for (const conflict of conflicts) {
    const group = groups.get(conflict.claim.batchId);
    if (group === undefined) groups.set(conflict.claim.batchId, [conflict]);
    else group.push(conflict);
  }
  return groups;
}
