/**
 * Strict order (`order: strict` of a source): the flow runs of a group are created in the order of its records, and a
 * failure holds back all later records of the group. A group is a message group of a FIFO queue, or a partition.
 *
 *   records of a group     a b   c d   e
 *   waves                  1     2     3      a wave holds what shares a batch; waves run one after the other
 *   outcomes               ok    retry -      d and e are returned with c, and e is not begun
 *
 * Groups do not wait for each other. A dead-lettered event holds nothing back: it is settled.
 */
import type { ReceivedRecord } from './event/record.ts';
import { mustRedeliver, type EventOutcome } from './outcome.ts';

interface BatchedEvent {
  readonly record: ReceivedRecord;
  readonly repeats: readonly { readonly record: ReceivedRecord }[];
}

interface PlannedBatch {
  readonly route: object;
  readonly events: readonly BatchedEvent[];
}

export interface OrderedSteps<Plan extends { readonly batches: readonly PlannedBatch[] }> {
  /** Form batches, without any effect. */
  readonly plan: (records: readonly ReceivedRecord[]) => Promise<Plan>;
  /** Carry a plan out. Resolves with at least one outcome for each of its records. */
  readonly settle: (plan: Plan) => Promise<readonly EventOutcome[]>;
}

/** Records without an `orderGroup` have no order, and are all in the first wave. */
export async function settleInOrder<Plan extends { readonly batches: readonly PlannedBatch[] }>(
  records: readonly ReceivedRecord[],
  steps: OrderedSteps<Plan>,
): Promise<readonly EventOutcome[]> {
  if (records.every(({ orderGroup }) => orderGroup === undefined)) {
    return steps.settle(await steps.plan(records));
  }
  const outcomes: EventOutcome[] = [];
  let waiting = records;
  // Planning more records than a wave turns out to hold is wasted: look twice as far as the last wave went.
  let lookAhead = records.length;
  while (waiting.length > 0) {
    const { wave, plan } = await planWave(firstOfEachGroup(waiting, lookAhead), steps);
    outcomes.push(...(await steps.settle(plan)));
    const failed = failedGroups(wave, outcomes);
    const begun = new Set(wave);
    waiting = waiting.filter(
      (record) => !begun.has(record) && (record.orderGroup === undefined || !failed.has(record.orderGroup)),
    );
    lookAhead = 2 * wave.length;
  }
  return holdBackAfterFailures(records, outcomes);
}

/**
 * Return the outcomes, such that exactly the records of each group from its first failure on must be redelivered. Their
 * dead letters are deferred to that redelivery, and what was settled is a duplicate then.
 */
export function holdBackAfterFailures(
  records: readonly ReceivedRecord[],
  outcomes: readonly EventOutcome[],
): readonly EventOutcome[] {
  const byRecord = Map.groupBy(outcomes, ({ record }) => record);
  const failed = new Set<string>();
  return records.flatMap((record): readonly EventOutcome[] => {
    const ofRecord = byRecord.get(record) ?? [];
    const { orderGroup } = record;
    if (orderGroup === undefined) return ofRecord;
    if (!failed.has(orderGroup)) {
      if (isFailed(ofRecord)) failed.add(orderGroup);
      return ofRecord;
    }
    return isFailed(ofRecord) && ofRecord.length > 0
      ? ofRecord.map(withoutDeadLetter)
      : [...ofRecord.map(withoutDeadLetter), { record, event: null, outcome: HELD_BACK }];
  });
}

const HELD_BACK = {
  kind: 'retry',
  code: 'earlier-record-failed',
  detail: 'an earlier record of its group failed, and the source has order: strict',
} as const;

function withoutDeadLetter(eventOutcome: EventOutcome): EventOutcome {
  const { outcome } = eventOutcome;
  if (outcome.kind !== 'dead-lettered') return eventOutcome;
  const route = outcome.route === undefined ? {} : { route: outcome.route };
  return { ...eventOutcome, outcome: { ...HELD_BACK, ...route } };
}

/** A record without an outcome failed, too. */
function isFailed(outcomes: readonly EventOutcome[]): boolean {
  return outcomes.length === 0 || mustRedeliver(outcomes.map(({ outcome }) => outcome));
}

function failedGroups(
  wave: readonly ReceivedRecord[],
  outcomes: readonly EventOutcome[],
): ReadonlySet<string> {
  const byRecord = Map.groupBy(outcomes, ({ record }) => record);
  return new Set(
    wave.flatMap((record) =>
      record.orderGroup !== undefined && isFailed(byRecord.get(record) ?? []) ? [record.orderGroup] : [],
    ),
  );
}

/** Planning fewer records may form other batches, so plan until the plan is of exactly the records of the wave. */
async function planWave<Plan extends { readonly batches: readonly PlannedBatch[] }>(
  candidates: readonly ReceivedRecord[],
  { plan: planRecords }: OrderedSteps<Plan>,
): Promise<{ readonly wave: readonly ReceivedRecord[]; readonly plan: Plan }> {
  let wave = candidates;
  for (;;) {
    const plan = await planRecords(wave);
    const kept = firstBatches(wave, plan.batches);
    if (kept.length === wave.length) return { wave, plan };
    wave = kept;
  }
}

/** Return the records of each group up to the first one that would be in another batch of a route than those before it. */
function firstBatches(
  records: readonly ReceivedRecord[],
  batches: readonly PlannedBatch[],
): readonly ReceivedRecord[] {
  const batchesOf = new Map<ReceivedRecord, PlannedBatch[]>();
  for (const batch of batches) {
    for (const { record, repeats } of batch.events) {
      for (const each of [record, ...repeats.map((repeat) => repeat.record)]) {
        batchesOf.set(each, [...(batchesOf.get(each) ?? []), batch]);
      }
    }
  }
  const byGroup = new Map<string, Map<object, PlannedBatch>>();
  const ended = new Set<string>();
  return records.filter((record) => {
    const { orderGroup } = record;
    if (orderGroup === undefined) return true;
    if (ended.has(orderGroup)) return false;
    const before = byGroup.get(orderGroup);
    const own = [...new Set(batchesOf.get(record))];
    if (before !== undefined && own.some((batch) => (before.get(batch.route) ?? batch) !== batch)) {
      ended.add(orderGroup);
      return false;
    }
    const batchOf = new Map([...(before ?? []), ...own.map((batch) => [batch.route, batch] as const)]);
    byGroup.set(orderGroup, batchOf);
    // One record may hold many events, and so may be spread over several batches itself: nothing may follow it.
    if (own.some((batch) => batchOf.get(batch.route) !== batch)) ended.add(orderGroup);
    return true;
  });
}

function firstOfEachGroup(records: readonly ReceivedRecord[], perGroup: number): readonly ReceivedRecord[] {
  const counts = new Map<string, number>();
  return records.filter(({ orderGroup }) => {
    if (orderGroup === undefined) return true;
    const count = (counts.get(orderGroup) ?? 0) + 1;
    counts.set(orderGroup, count);
    return count <= perGroup;
  });
}
