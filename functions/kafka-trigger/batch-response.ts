/**
 * Builds the response for a batch of Kafka records, and defers dead letters to the next delivery.
 *
 * Partial failures (provisioned pollers only) are described in two ways: that Lambda retries "just those specific
 * items", and that it goes back to the lowest failed offset of a partition. The response is right under both:
 *
 * ```
 *   offset             10      11      12      13      14
 *   outcome            in run  retry   in run  bad     retry
 *   named                      11              13      14
 *   if just those              11              13      14    12 is committed, and is in its run
 *   if from the lowest         11      12      13      14    12 is redelivered, and its claim says that it is in a run
 * ```
 *
 * Every record that must be redelivered is named, so that it is committed in neither case; a finished record may be
 * redelivered or not. Only a dead letter has no claim: 13 would be written into the dead-letter queue at every delivery
 * until 11 is done. So it waits for 11 (and is named, otherwise it would be lost), and no record waits for it.
 *
 * On-demand pollers redeliver the whole batch or nothing, so all dead letters wait if any record must be redelivered.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 */
import type { ReceivedRecord } from '../../lib/event/record.ts';
import { mustRedeliver, type EventOutcome, type Outcome } from '../../lib/outcome.ts';
import type { DeliveredRecord } from './records.ts';

/** What the event source mapping redelivers after a failure: only provisioned pollers take partial failures. */
export type RedeliveryMode = 'named-records' | 'whole-batch';

export interface KafkaBatchResponse {
  readonly batchItemFailures: readonly KafkaBatchItemFailure[];
}

export interface KafkaBatchItemFailure {
  /** `partition` is the key in the event's `records`. A name that was not in the event fails the whole batch. */
  readonly itemIdentifier: { readonly partition: string; readonly offset: number };
}

/** Makes Lambda redeliver the batch. Whatever could be settled is settled, and stays so. */
export class RecordsNotProcessedError extends Error {
  override readonly name = 'RecordsNotProcessedError';
  readonly recordIds: readonly string[];

  constructor(recordIds: readonly string[], codes: readonly string[]) {
    const examples = recordIds.slice(0, 5).join(', ');
    super(`${recordIds.length} records must be redelivered (${codes.join(', ')}): ${examples}`);
    this.recordIds = recordIds;
  }
}

/** Defer the dead letters of records that are redelivered anyway. */
export function deferDeadLetters(
  delivered: readonly DeliveredRecord[],
  outcomes: readonly EventOutcome[],
  mode: RedeliveryMode,
): readonly EventOutcome[] {
  const waiting =
    mode === 'whole-batch' ? entireBatch(delivered, outcomes) : findBehindFailures(delivered, outcomes);
  if (waiting.size === 0) return outcomes;
  return outcomes.map((each) =>
    each.outcome.kind === 'dead-lettered' && waiting.has(each.record)
      ? { ...each, outcome: toDeferred(each.outcome) }
      : each,
  );
}

/**
 * Return the names of all records that must be redelivered.
 * @throws RecordsNotProcessedError if the response cannot name them.
 */
export function toBatchResponse(
  delivered: readonly DeliveredRecord[],
  outcomes: readonly EventOutcome[],
  mode: RedeliveryMode,
): KafkaBatchResponse {
  const redelivered = findRedelivered(delivered, outcomes);
  if (redelivered.length === 0) return { batchItemFailures: [] };
  const named = redelivered.flatMap(({ partition, offset }) =>
    offset === null ? [] : [{ itemIdentifier: { partition, offset } }],
  );
  if (mode === 'named-records' && named.length === redelivered.length) return { batchItemFailures: named };
  const codes = outcomes.flatMap(({ outcome }) => (outcome.kind === 'retry' ? [outcome.code] : []));
  throw new RecordsNotProcessedError(
    redelivered.map(({ record }) => record.recordId),
    [...new Set(codes)],
  );
}

/** A record without an outcome must be redelivered as well. */
function findRedelivered(
  delivered: readonly DeliveredRecord[],
  outcomes: readonly EventOutcome[],
): readonly DeliveredRecord[] {
  const byRecord = Map.groupBy(outcomes, ({ record }) => record);
  return delivered.filter(({ record }) => {
    const ofRecord = byRecord.get(record);
    return ofRecord === undefined || mustRedeliver(ofRecord.map(({ outcome }) => outcome));
  });
}

function entireBatch(
  delivered: readonly DeliveredRecord[],
  outcomes: readonly EventOutcome[],
): ReadonlySet<ReceivedRecord> {
  if (findRedelivered(delivered, outcomes).length === 0) return new Set();
  return new Set(delivered.map(({ record }) => record));
}

/** A record without a name cannot wait, because it would have to be named. */
function findBehindFailures(
  delivered: readonly DeliveredRecord[],
  outcomes: readonly EventOutcome[],
): ReadonlySet<ReceivedRecord> {
  const redelivered = new Set(findRedelivered(delivered, outcomes));
  if (redelivered.size === 0) return new Set();
  const byPartition = Map.groupBy(delivered, ({ partition }) => partition);
  const waiting = [...byPartition.values()].flatMap((ofPartition) => {
    const first = ofPartition.findIndex((each) => redelivered.has(each));
    return first === -1 ? [] : ofPartition.slice(first + 1).filter(({ offset }) => offset !== null);
  });
  return new Set(waiting.map(({ record }) => record));
}

function toDeferred({ route, code }: Extract<Outcome, { kind: 'dead-lettered' }>): Outcome {
  const detail = `it will be dead-lettered (${code}) once what was delivered with it is done`;
  return { kind: 'retry', ...(route !== undefined && { route }), code: 'dead-letter-deferred', detail };
}
