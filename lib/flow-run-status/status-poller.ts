/**
 * Looks into the table, for a bounded time, until it is known what became of the events of a request: claim → batch →
 * record → flow run. It only reads, so that whatever it concludes changes nothing for anybody.
 */
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
import { awaitedOf, type Awaited, type AwaitedSource } from './expected-runs.ts';
import type { Progress, RouteProgress } from './status.ts';

export interface InquiryPorts {
  readonly claims: Pick<ClaimStore, 'readClaims'>;
  readonly records: Pick<BatchRecordStore, 'readRecords'>;
  /** Between one look and the next. */
  readonly backoff: Backoff;
  readonly clock: Clock;
}

export interface RunInquiryOptions extends AwaitedSource {
  readonly maxWaitSeconds: number;
  readonly ports: InquiryPorts;
}

/** What an invocation keeps for a last pause, a last look and the answer. */
const ANSWER_MS = 3_500;

/** What the table says for good, whatever the route. */
type Settled =
  | { readonly state: 'created'; readonly flowRunId: string }
  | { readonly state: 'held' }
  | { readonly state: 'dead-lettered'; readonly code: string; readonly flowRunId: string };

export class RunInquiry {
  readonly #options: RunInquiryOptions;

  constructor(options: RunInquiryOptions) {
    this.#options = options;
  }

  /**
   * Returns as soon as nothing is pending, and otherwise when the wait is over, give or take a pause. Never throws for
   * a table that cannot be read: the events are stored, and what is not known is pending.
   */
  async follow(messages: readonly QueueMessage[], deadline: Deadline): Promise<Progress> {
    const { ports, maxWaitSeconds } = this.#options;
    const awaited = messages.map((message) => awaitedOf(message, this.#options));
    const members = awaited.flat().flatMap((each) => (each.kind === 'member' ? [each.member] : []));
    const waitMs = Math.min(maxWaitSeconds * 1000, deadline.remainingMs() - ANSWER_MS);
    const endsAtEpochMs = ports.clock.nowEpochMs() + waitMs;

    const settled = new Map<string, Settled>();
    let failure: Error | null = null;
    for (let look = 1; ; look++) {
      const pending = members.filter(({ claimKey }) => !settled.has(claimKey));
      if (pending.length === 0) break;
      failure = await this.#look(pending, settled);
      const isOver = ports.clock.nowEpochMs() >= endsAtEpochMs;
      if (isOver || pending.every(({ claimKey }) => settled.has(claimKey))) break;
      await ports.backoff.pauseBeforeRetry(look);
    }
    return { events: awaited.map((each) => each.map((one) => progressOf(one, settled))), failure };
  }

  /** Adds what is settled by now. The error, when the table could not be read. */
  async #look(pending: readonly Member[], settled: Map<string, Settled>): Promise<Error | null> {
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
        const found = claim && record && settledBy(record, claim, member, nowEpochSeconds);
        if (found) settled.set(member.claimKey, found);
      }
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error('the table could not be read', { cause: error });
    }
  }
}

/** As the protocol takes it: a member that the record does not list is claimed anew, as is one whose claim has expired. */
function settledBy(
  record: RecordedBatch,
  claim: Claim,
  { memberId }: Member,
  nowEpochSeconds: number,
): Settled | null {
  if (!record.members.includes(memberId)) return null;
  if (record.kind === 'chunk') return { state: 'held' };
  if (claim.expiresAtEpochSeconds <= nowEpochSeconds) return null;
  const { flowRunId, deadCode } = record;
  return deadCode === null
    ? { state: 'created', flowRunId }
    : { state: 'dead-lettered', code: deadCode, flowRunId };
}

function progressOf(awaited: Awaited, settled: ReadonlyMap<string, Settled>): RouteProgress {
  if (awaited.kind === 'known') return awaited.progress;
  const { route, member } = awaited;
  return { ...(settled.get(member.claimKey) ?? { state: 'pending' }), route };
}
