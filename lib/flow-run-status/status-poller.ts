/**
 * Polls the table, for a bounded time, until the outcome of the events of a request is known: claim → batch → record →
 * flow run. It only reads, so a wrong conclusion has no effect on the events.
 */
import { RESERVE_MS } from '../deadline.ts';
import type { Member } from '../routing/member.ts';
import type {
  BatchRecordStore,
  Claim,
  ClaimStore,
  Clock,
  Deadline,
  Backoff,
  QueueMessage,
  RecordedBatch,
} from '../ports.ts';
import { findExpectedRuns, type ExpectedRun, type SourceRoutes } from './expected-runs.ts';
import type { RequestStatus, RouteStatus } from './status.ts';

export interface StatusPollerPorts {
  readonly claims: Pick<ClaimStore, 'readClaims'>;
  readonly records: Pick<BatchRecordStore, 'readRecords'>;
  /** The pause between two reads. */
  readonly backoff: Backoff;
  readonly clock: Clock;
}

export interface StatusPollerOptions extends SourceRoutes {
  readonly maxWaitSeconds: number;
  readonly ports: StatusPollerPorts;
}

/** A status that does not change any more. */
type SettledStatus =
  | { readonly state: 'created'; readonly flowRunId: string }
  | { readonly state: 'held' }
  | { readonly state: 'dead-lettered'; readonly code: string; readonly flowRunId: string };

export class FlowRunStatusPoller {
  readonly #options: StatusPollerOptions;

  constructor(options: StatusPollerOptions) {
    this.#options = options;
  }

  /**
   * Resolve as soon as nothing is pending, and otherwise when the wait is over, give or take a pause. It never rejects
   * if the table cannot be read: the events are stored, and their status is pending.
   */
  async poll(messages: readonly QueueMessage[], deadline: Deadline): Promise<RequestStatus> {
    const { ports, maxWaitSeconds } = this.#options;
    const awaited = messages.map((message) => findExpectedRuns(message, this.#options));
    const members = awaited.flat().flatMap((each) => (each.kind === 'member' ? [each.member] : []));
    const waitMs = Math.min(maxWaitSeconds * 1000, deadline.remainingMs() - RESERVE_MS.statusPoll);
    const endsAtEpochMs = ports.clock.nowEpochMs() + waitMs;

    const settled = new Map<string, SettledStatus>();
    let failure: Error | null = null;
    for (let look = 1; ; look++) {
      const pending = members.filter(({ claimKey }) => !settled.has(claimKey));
      if (pending.length === 0) break;
      failure = await this.#readOnce(pending, settled);
      const isOver = ports.clock.nowEpochMs() >= endsAtEpochMs;
      if (isOver || pending.every(({ claimKey }) => settled.has(claimKey))) break;
      await ports.backoff.pauseBeforeRetry(look);
    }
    return { events: awaited.map((each) => each.map((one) => toRouteStatus(one, settled))), failure };
  }

  /** Add what is settled by now. Resolve with the error if the table could not be read. */
  async #readOnce(pending: readonly Member[], settled: Map<string, SettledStatus>): Promise<Error | null> {
    const { claims, records, clock } = this.#options.ports;
    try {
      const byKey = await claims.readClaims([...new Set(pending.map(({ claimKey }) => claimKey))]);
      const batchIds = new Set([...byKey.values()].map(({ batchId }) => batchId));
      if (batchIds.size === 0) return null;
      const byBatchId = await records.readRecords([...batchIds]);
      const nowEpochSeconds = Math.floor(clock.nowEpochMs() / 1000);
      for (const member of pending) {
        const claim = byKey.get(member.claimKey);
        const record = claim && byBatchId.get(claim.batchId);
        const found = claim && record && toSettledStatus(record, claim, member, nowEpochSeconds);
        if (found) settled.set(member.claimKey, found);
      }
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error('the table could not be read', { cause: error });
    }
  }
}

/** Return null where the protocol claims the member anew: the record does not list it, or its claim has expired. */
function toSettledStatus(
  record: RecordedBatch,
  claim: Claim,
  { memberId }: Member,
  nowEpochSeconds: number,
): SettledStatus | null {
  if (!record.members.includes(memberId)) return null;
  if (record.kind === 'chunk') return { state: 'held' };
  if (claim.expiresAtEpochSeconds <= nowEpochSeconds) return null;
  const { flowRunId, deadCode } = record;
  return deadCode === null
    ? { state: 'created', flowRunId }
    : { state: 'dead-lettered', code: deadCode, flowRunId };
}

function toRouteStatus(awaited: ExpectedRun, settled: ReadonlyMap<string, SettledStatus>): RouteStatus {
  if (awaited.kind === 'known') return awaited.progress;
  const { route, member } = awaited;
  return { ...(settled.get(member.claimKey) ?? { state: 'pending' }), route };
}
