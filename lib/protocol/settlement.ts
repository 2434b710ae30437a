/** Settlements of the members of a batch, collected while the protocol runs. */
import type { RetryCode } from '../outcome.ts';
import type { FlowRunRecord, ChunkRecord, FlowRunResult, RecordedBatch } from '../ports.ts';
import type { Member } from '../routing/member.ts';

export type Settlement =
  | { readonly kind: 'created' | 'duplicate'; readonly batchId: string; readonly flowRunId: string }
  | {
      readonly kind: 'dead-lettered';
      readonly batchId: string;
      readonly flowRunId: string;
      /** The code of the dead run, as its label has it. */
      readonly deadCode: string;
      readonly reason: string;
    }
  /** In a window that becomes flow runs, since now or (a duplicate) since before. */
  | { readonly kind: 'held' | 'duplicate'; readonly batchId: string; readonly windowId: string }
  | {
      readonly kind: 'retry';
      readonly code: RetryCode;
      readonly detail: string;
      /** A redelivery before this time is over would be in vain. */
      readonly retryAfterMs?: number;
    };

/** Settlements by claim key. */
export type Settlements = ReadonlyMap<string, Settlement>;

export class SettlementLedger {
  readonly settlements = new Map<string, Settlement>();

  /**
   * Settle the members that the record lists, and return the others, which it excludes. `reason` says more than the code
   * of a dead run, where it is known.
   */
  settleFrom(
    record: RecordedBatch,
    members: readonly Member[],
    kind: 'created' | 'duplicate',
    reason: string | null = null,
  ): readonly Member[] {
    const listed = new Set(record.members);
    const settlement = record.kind === 'chunk' ? heldIn(record, kind) : inRun(record, kind, reason);
    for (const { claimKey, memberId } of members) {
      if (listed.has(memberId)) this.settlements.set(claimKey, settlement);
    }
    return members.filter(({ memberId }) => !listed.has(memberId));
  }

  /** `retryAfterMs` is null where it is not known when a redelivery could succeed. */
  leave(
    members: readonly Member[],
    code: RetryCode,
    detail: string,
    retryAfterMs: number | null = null,
  ): void {
    const wait = retryAfterMs === null ? {} : { retryAfterMs };
    for (const { claimKey } of members)
      this.settlements.set(claimKey, { kind: 'retry', code, detail, ...wait });
  }

  /** Leave the members of a request that Prefect did not take to redelivery, after the time that it named. */
  leaveUnavailable(members: readonly Member[], result: Unavailable): void {
    this.leave(members, retryCodeOf(result), result.detail, result.retryAfterMs);
  }
}

function inRun(
  { batchId, flowRunId, deadCode }: FlowRunRecord,
  kind: 'created' | 'duplicate',
  reason: string | null,
): Settlement {
  return deadCode === null
    ? { kind, batchId, flowRunId }
    : { kind: 'dead-lettered', batchId, flowRunId, deadCode, reason: reason ?? deadCode };
}

function heldIn({ batchId, windowId }: ChunkRecord, kind: 'created' | 'duplicate'): Settlement {
  return { kind: kind === 'created' ? 'held' : 'duplicate', batchId, windowId };
}

type Unavailable = Extract<FlowRunResult, { kind: 'unavailable' }>;

/** Classify a transient failure. */
export function retryCodeOf({
  status,
  part,
  heldBy,
}: Pick<Unavailable, 'status' | 'part' | 'heldBy'>): RetryCode {
  if (heldBy !== undefined) return `held-by-${heldBy}`;
  if (part === 'overflow-store') return 'overflow-store-unavailable';
  if (part === 'work-queue') return 'work-queue-not-found';
  return status === 401 || status === 403 ? 'prefect-unauthorized' : 'prefect-unavailable';
}
