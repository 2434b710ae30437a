/**
 * `sources.<name>.queue`: how Lambda reads the queue of a source, and what it allows for an SQS event source mapping
 * (docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
 */
import type { z } from 'zod';
import type { CompiledQueue } from '../compiled-config/compiled.ts';
import type { ConfigIssue } from './issues/config-issue.ts';
import { durationFromZeroInSeconds } from './scalars/duration.ts';
import { wholeNumber } from './scalars/scalar.ts';
import { strictMap } from './scalars/strict-map.ts';
import type { Named, Valid } from './valid-parts.ts';

const MAX_BATCH_WITHOUT_WINDOW = 10;
const MAX_FIFO_BATCH = 10;

export const queueModel = strictMap(
  {
    batchSize: wholeNumber({ minimum: 1, maximum: 10_000 })
      .optional()
      .describe(
        'Maximum of messages in one invocation. Default: 100, or 10 for a FIFO queue or a batch window of 0s. FIFO: at most 10.',
      ),
    batchWindow: durationFromZeroInSeconds({ maximum: '5m', examples: ['1s'] })
      .optional()
      .describe(
        'How long Lambda gathers messages before it invokes the function. Default: 1s, or 0s for a FIFO queue, which has no window. More than 10 messages need at least 1s.',
      ),
    maxConcurrency: wholeNumber({ minimum: 2, maximum: 1000 })
      .prefault(10)
      .describe('Maximum of concurrent invocations, which protects Prefect from a burst.'),
    maxReceiveCount: wholeNumber({ minimum: 5, maximum: 1000 })
      .prefault(1000)
      .describe(
        'Deliveries before SQS itself moves a message to the dead-letter queue. High, since a message waits in the queue while Prefect is unavailable: with 400 or more it can wait as long as the queue keeps it. Invalid events are dead-lettered at once anyway. For an SQS source it is what the redrive policy of your queue should say.',
      ),
  },
  'How the queue is read: the one named by `queueArn`, or the one that Sluice creates for the source.',
).prefault({});

export type QueueConfiguration = z.output<typeof queueModel>;

export function isFifo(queueArn: string): boolean {
  return queueArn.endsWith('.fifo');
}

/** `queueArn` is null for queues that Sluice creates. */
export function compileQueue(queue: QueueConfiguration, queueArn: string | null): CompiledQueue {
  const { maxConcurrency, maxReceiveCount } = queue;
  // The defaults depend on each other: FIFO queues have no window, and without a window batches are small.
  const hasWindow = queueArn === null || !isFifo(queueArn);
  const batchWindowSeconds = queue.batchWindow ?? (hasWindow ? 1 : 0);
  const batchSize = queue.batchSize ?? (batchWindowSeconds >= 1 ? 100 : MAX_BATCH_WITHOUT_WINDOW);
  return { batchSize, batchWindowSeconds, maxConcurrency, maxReceiveCount };
}

interface QueuedSource {
  readonly queue: Valid<QueueConfiguration> | null;
  readonly queueArn?: string | null;
}

export function queueRules({ name, part: source }: Named<QueuedSource>): readonly ConfigIssue[] {
  const { batchSize, batchWindow } = source?.queue ?? {};
  const at = (field: string) => ({ at: ['sources', name, 'queue', field], anchor: 'value' }) as const;
  const issues: ConfigIssue[] = [];
  if (isFifo(source?.queueArn ?? '')) {
    if (batchSize && batchSize > MAX_FIFO_BATCH) {
      const found = `${batchSize} for a FIFO queue`;
      issues.push({
        code: 'fifo-batch-size',
        ...at('batchSize'),
        found,
        fix: `write 1 to ${MAX_FIFO_BATCH}`,
      });
    }
    if (batchWindow && batchWindow > 0) {
      const found = `${batchWindow}s for a FIFO queue`;
      issues.push({ code: 'fifo-batch-window', ...at('batchWindow'), found, fix: 'remove it' });
    }
  } else if (batchSize && batchSize > MAX_BATCH_WITHOUT_WINDOW && batchWindow === 0) {
    issues.push({
      code: 'batch-needs-window',
      ...at('batchWindow'),
      found: `0s beside a batchSize of ${batchSize}`,
      fix: `write 1s or more, or a batchSize of at most ${MAX_BATCH_WITHOUT_WINDOW}`,
    });
  }
  return issues;
}
