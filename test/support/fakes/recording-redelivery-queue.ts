import { Redelivery } from '../../../functions/redelivery.ts';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Clock } from '../../../lib/ports.ts';
import type { MessageDelay, QueueLimits, RedeliveryQueue } from '../../../lib/redelivery/redelivery-ports.ts';

/** Of a queue that Sluice creates. */
const LIMITS: QueueLimits = {
  maxReceiveCount: 1_000,
  visibilityTimeoutMs: 381_000,
  retentionMs: 1_209_600_000,
};

/** Records the delays of messages. While it is broken the queue answers nothing. */
export class RecordingRedeliveryQueue implements RedeliveryQueue {
  readonly delays: MessageDelay[] = [];
  isBroken = false;

  readLimits(): Promise<QueueLimits> {
    return this.isBroken ? Promise.reject(new Error('AccessDenied')) : Promise.resolve(LIMITS);
  }

  delayMessages(delays: readonly MessageDelay[]): Promise<readonly string[]> {
    this.delays.push(...delays);
    return Promise.resolve([]);
  }
}

/** Redelivery with a jitter in the middle. */
export function redeliveryTo(queue: RedeliveryQueue, clock: Clock = { nowEpochMs: Date.now }): Redelivery {
  const logger = new Logger({ logLevel: 'SILENT' });
  return new Redelivery({ queueOf: () => queue, clock, random: () => 0.5, logger });
}
