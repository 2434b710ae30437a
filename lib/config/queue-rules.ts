/** What Lambda allows for an SQS event source mapping (docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html). */
import type { QueuedSourceConfiguration } from './model/configuration-model.ts';
import type { ConfigIssue } from './problem.ts';
import type { SoundSource } from './sound-parts.ts';

const MAX_BATCH_WITHOUT_WINDOW = 10;
const MAX_FIFO_BATCH = 10;

export interface QueueReading {
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
}

export function isFifo(queueArn: string): boolean {
  return queueArn.endsWith('.fifo');
}

/** The defaults depend on each other: FIFO queues have no window, and without a window batches are small. */
export function queueReading(source: QueuedSourceConfiguration): QueueReading {
  const { batchSize, batchWindow } = source.queue;
  const hasWindow = source.type !== 'sqs' || !isFifo(source.queueArn);
  const batchWindowSeconds = batchWindow ?? (hasWindow ? 1 : 0);
  return { batchSize: batchSize ?? (batchWindowSeconds >= 1 ? 100 : 10), batchWindowSeconds };
}

/** A queue whose order is lost after a failure should say that this is meant. */
export function orderRules({ name, queueArn, order }: SoundSource): readonly ConfigIssue[] {
  if (queueArn === null) return [];
  if (order === 'strict' && !isFifo(queueArn)) {
    return [
      {
        code: 'order-needs-fifo',
        at: ['sources', name, 'order'],
        anchor: 'value',
        found: 'strict for a standard queue',
        fix: 'remove it, or read a FIFO queue (….fifo)',
      },
    ];
  }
  if (order !== undefined || !isFifo(queueArn)) return [];
  return [
    {
      code: 'fifo-order-relaxed',
      at: ['sources', name, 'queueArn'],
      anchor: 'value',
      found: 'a FIFO queue and no order',
      fix: 'write order: strict to create the flow runs of a message group in order, or order: relaxed if they may overtake each other after a failure',
    },
  ];
}

export function queueRules({ name, queue, queueArn }: SoundSource): readonly ConfigIssue[] {
  if (queue === null) return [];
  const { batchSize, batchWindow } = queue;
  const at = (field: string) => ({ at: ['sources', name, 'queue', field], anchor: 'value' }) as const;
  const findings: ConfigIssue[] = [];
  if (queueArn !== null && isFifo(queueArn)) {
    if (batchSize !== undefined && batchSize > MAX_FIFO_BATCH) {
      findings.push({
        code: 'fifo-batch-size',
        ...at('batchSize'),
        found: `${batchSize} for a FIFO queue`,
        fix: `write 1 to ${MAX_FIFO_BATCH}`,
      });
    }
    if (batchWindow !== undefined && batchWindow > 0) {
      findings.push({
        code: 'fifo-batch-window',
        ...at('batchWindow'),
        found: `${batchWindow}s for a FIFO queue`,
        fix: 'remove it',
      });
    }
  } else if (batchSize !== undefined && batchSize > MAX_BATCH_WITHOUT_WINDOW && batchWindow === 0) {
    findings.push({
      code: 'batch-needs-window',
      ...at('batchWindow'),
      found: `0s beside a batchSize of ${batchSize}`,
      fix: `write 1s or more, or a batchSize of at most ${MAX_BATCH_WITHOUT_WINDOW}`,
    });
  }
  return findings;
}
