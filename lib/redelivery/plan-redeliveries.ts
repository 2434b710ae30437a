/** Which messages are redelivered, and when: each as soon as it could succeed, and a message group together. */
import { dispositionOf, type EventOutcome, type Outcome } from '../outcome.ts';
import { LONGEST_DELAY_MS, redeliveryDelayMs, slowDelayMs, type Receive } from './redelivery-delay.ts';
import type { MessageDelay, QueueLimits } from './redelivery-ports.ts';

/** A received message, as far as its redelivery is concerned. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly sentAtEpochMs: number;
  /** Of a FIFO queue; null on standard queues. */
  readonly messageGroup: string | null;
}

export interface RedeliveryContext {
  readonly limits: QueueLimits;
  readonly nowEpochMs: number;
  /** From 0 to below 1, one for an invocation. */
  readonly jitter: number;
}

type Retry = Extract<Outcome, { kind: 'retry' }>;

/** Events whose claim another invocation holds come back within a second after its lease, not all at once. */
const SPREAD_AFTER_LEASE_MS = 1_000;

/** Return the delays of the messages that have to be redelivered. */
export function planRedeliveries(
  messages: readonly ReceivedMessage[],
  outcomes: readonly EventOutcome[],
  context: RedeliveryContext,
): readonly MessageDelay[] {
  const byMessage = Map.groupBy(outcomes, ({ record }) => record.recordId);
  const delays = messages.flatMap((message) => {
    const retries = (byMessage.get(message.messageId) ?? []).flatMap(({ outcome }) => retryOf(outcome));
    return retries.length === 0 ? [] : [{ message, delayMs: delayOf(message, retries, context) }];
  });
  return togetherByGroup(delays).map(toMessageDelay);
}

/** Redeliver all of the messages, by how often each was received. */
export function redeliverAll(
  messages: readonly ReceivedMessage[],
  { limits, nowEpochMs, jitter }: RedeliveryContext,
): readonly MessageDelay[] {
  return messages.map((message) => {
    const delayMs = redeliveryDelayMs({ ...message, nowEpochMs }, limits, jitter);
    return toMessageDelay({ message, delayMs });
  });
}

function toMessageDelay({ message: { messageId, receiptHandle }, delayMs }: Delayed): MessageDelay {
  const delaySeconds = Math.ceil(Math.min(LONGEST_DELAY_MS, delayMs) / 1_000);
  return { messageId, receiptHandle, delaySeconds };
}

function retryOf(outcome: Outcome): readonly Retry[] {
  return dispositionOf(outcome) === 'redeliver' && outcome.kind === 'retry' ? [outcome] : [];
}

/** The first of its events that could succeed decides: what is settled by then is found to be a duplicate. */
function delayOf(message: ReceivedMessage, retries: readonly Retry[], context: RedeliveryContext): number {
  return Math.min(...retries.map((retry) => delayOfRetry(message, retry, context)));
}

function delayOfRetry(message: ReceivedMessage, retry: Retry, context: RedeliveryContext): number {
  const { limits, jitter, nowEpochMs } = context;
  const receive: Receive = { ...message, nowEpochMs };
  const { retryAfterMs } = retry;
  if (retryAfterMs === undefined) return redeliveryDelayMs(receive, limits, jitter);
  // Nothing has failed where another invocation is at work: the receives so far say nothing about this wait.
  return retry.code === 'in-flight'
    ? Math.max(retryAfterMs + jitter * SPREAD_AFTER_LEASE_MS, slowDelayMs(receive, limits, jitter))
    : Math.max(retryAfterMs, redeliveryDelayMs(receive, limits, jitter));
}

interface Delayed {
  readonly message: ReceivedMessage;
  readonly delayMs: number;
}

/** One delay for all messages of a group: a later one that comes back first would overtake. */
function togetherByGroup(delays: readonly Delayed[]): readonly Delayed[] {
  const longest = new Map<string, number>();
  for (const { message, delayMs } of delays) {
    if (message.messageGroup === null) continue;
    longest.set(message.messageGroup, Math.max(delayMs, longest.get(message.messageGroup) ?? 0));
  }
  return delays.map(({ message, delayMs }) => ({
    message,
    delayMs: message.messageGroup === null ? delayMs : (longest.get(message.messageGroup) ?? delayMs),
  }));
}
