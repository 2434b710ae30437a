/** Delivers one batch, from its first invocation until all of its records are finished. */
import { readBatchResponse, recordsToRetry, type RetryMode } from './batch-response.ts';
import type { DeliveryFailure, SendFailure } from './failure-destination.ts';
import type { Invoke } from './invoke.ts';
import type { KafkaRecord } from './kafka-record.ts';
import { toLambdaEvent, type LambdaKafkaSource } from './lambda-event.ts';

export interface RetryPolicy {
  /** `ReportBatchItemFailures`; without it every response means success. */
  readonly reportsItemFailures: boolean;
  readonly mode: RetryMode;
  /** `null`: no limit. Records that are older go to the failure destination. */
  readonly maxRetries: number | null;
  readonly maxRecordAgeMs: number | null;
  /** Whether a batch that failed as a whole is halved. */
  readonly bisects: boolean;
  /** The pause before the first retry; it doubles with each retry, up to `maxPauseMs`. */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
}

export interface DeliveryTerms {
  readonly source: LambdaKafkaSource;
  readonly policy: RetryPolicy;
  readonly invoke: Invoke;
  readonly sendFailure: SendFailure;
  /** Whether this consumer still owns the partition of the record. Otherwise it is neither retried nor committed. */
  readonly isOurs: (record: KafkaRecord) => boolean;
  readonly onDone: (records: readonly KafkaRecord[]) => void;
  readonly onTrouble: (message: string) => void;
  readonly pause: (ms: number) => Promise<void>;
  readonly nowEpochMs: () => number;
}

interface Attempt {
  readonly records: readonly KafkaRecord[];
  /** The number of attempts for these records. */
  readonly earlierTries: number;
}

/** Resolve when all records are finished, or their partitions are lost. */
export async function deliverBatch(batch: readonly KafkaRecord[], terms: DeliveryTerms): Promise<void> {
  const attempts: Attempt[] = [{ records: batch, earlierTries: 0 }];
  for (let attempt = attempts.shift(); attempt !== undefined; attempt = attempts.shift()) {
    attempts.unshift(...(await tryOnce(attempt, terms)));
  }
}

/** @returns the records that have to be retried, in this order */
async function tryOnce(
  { records, earlierTries }: Attempt,
  terms: DeliveryTerms,
): Promise<readonly Attempt[]> {
  const { policy } = terms;
  if (earlierTries > 0) await terms.pause(pauseBefore(earlierTries, policy));
  const ours = records.filter(terms.isOurs);
  if (ours.length === 0) return [];

  const result = await invokeWith(ours, terms);
  const failed = new Set(result.toRetry);
  terms.onDone(ours.filter((record) => !failed.has(record)));
  if (failed.size === 0) return [];
  terms.onTrouble(`${String(failed.size)} of ${String(ours.length)} records have failed. ${result.reason}`);

  const tries = earlierTries + 1;
  const isTried = policy.maxRetries !== null && tries > policy.maxRetries;
  // Each record has its own age: an old record must not expire a fresh one.
  const isOver = (record: KafkaRecord): boolean => isTried || isTooOld(record, terms);
  const over = result.toRetry.filter(isOver);
  const isSetAside = await setAside(over, failureOf(over, tries, isTried, result.reason, terms), terms);
  const remaining = isSetAside ? result.toRetry.filter((record) => !isOver(record)) : result.toRetry;
  if (remaining.length === 0) return [];
  if (!policy.bisects || !result.asWhole || remaining.length === 1)
    return [{ records: remaining, earlierTries: tries }];
  const middle = Math.ceil(remaining.length / 2);
  return [remaining.slice(0, middle), remaining.slice(middle)].map((half) => ({
    records: half,
    earlierTries: tries,
  }));
}

/** @returns false if the destination did not accept the records: they are retried instead of lost */
async function setAside(
  records: readonly KafkaRecord[],
  failure: DeliveryFailure,
  { sendFailure, onDone, onTrouble }: DeliveryTerms,
): Promise<boolean> {
  if (records.length === 0) return true;
  try {
    await sendFailure(failure);
  } catch (error) {
    onTrouble(`The failure destination did not accept ${String(records.length)} records. ${String(error)}`);
    return false;
  }
  onDone(records);
  return true;
}

interface InvocationResult {
  readonly toRetry: readonly KafkaRecord[];
  /** Whether the batch failed as a whole. */
  readonly asWhole: boolean;
  readonly reason: string;
}

async function invokeWith(records: readonly KafkaRecord[], terms: DeliveryTerms): Promise<InvocationResult> {
  const { policy, source, invoke } = terms;
  const result = await invoke(toLambdaEvent(source, records));
  if (result.kind === 'failed') return { toRetry: records, asWhole: true, reason: result.reason };
  if (!policy.reportsItemFailures) return { toRetry: [], asWhole: false, reason: '' };
  const verdict = readBatchResponse(result.payload, records);
  switch (verdict.kind) {
    case 'all-done':
      return { toRetry: [], asWhole: false, reason: '' };
    case 'all-failed':
      return { toRetry: records, asWhole: true, reason: verdict.reason };
    case 'some-failed':
      return {
        toRetry: recordsToRetry(records, verdict.failed, policy.mode),
        asWhole: false,
        reason: 'The function has named them.',
      };
  }
}

function pauseBefore(retry: number, { firstPauseMs, maxPauseMs }: RetryPolicy): number {
  return Math.min(firstPauseMs * 2 ** (retry - 1), maxPauseMs);
}

function isTooOld({ timestampEpochMs }: KafkaRecord, { policy, nowEpochMs }: DeliveryTerms): boolean {
  return policy.maxRecordAgeMs !== null && nowEpochMs() - timestampEpochMs > policy.maxRecordAgeMs;
}

function failureOf(
  records: readonly KafkaRecord[],
  invokeCount: number,
  isTried: boolean,
  reason: string,
  { source }: DeliveryTerms,
): DeliveryFailure {
  return {
    records,
    source,
    invokeCount,
    reason,
    condition: isTried ? 'RetryAttemptsExhausted' : 'RecordAgeExceeded',
  };
}
