/** What Lambda allows for an SQS event source mapping (docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html). */
import type { QueuedSourceConfiguration } from './model/configuration-model.ts';
import type { Finding } from './problem.ts';
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

export function queueRules({ name, queue, queueArn }: SoundSource): readonly Finding[] {
  if (queue === null) return [];
  const { batchSize, batchWindow } = queue;
  const at = (field: string) => ({ at: ['sources', name, 'queue', field], anchor: 'value' }) as const;
  const findings: Finding[] = [];
  if (queueArn !== null && isFifo(queueArn)) {
    if (batchSize !== undefined && batchSize > MAX_FIFO_BATCH) {
      findings.push({
        code: 'fifo-batch-size',
        ...at('batchSize'),
        found: `${batchSize} for a FIFO queue`,
        mend: `write 1 to ${MAX_FIFO_BATCH}`,
      });
    }
    if (batchWindow !== undefined && batchWindow > 0) {
      findings.push({
        code: 'fifo-batch-window',
        ...at('batchWindow'),
        found: `${batchWindow}s for a FIFO queue`,
        mend: 'remove it',
      });
    }
  } else if (batchSize !== undefined && batchSize > MAX_BATCH_WITHOUT_WINDOW && batchWindow === 0) {
    findings.push({
      code: 'batch-needs-window',
      ...at('batchWindow'),
      found: `0s beside a batchSize of ${batchSize}`,
      mend: `write 1s or more, or a batchSize of at most ${MAX_BATCH_WITHOUT_WINDOW}`,
    });
  }
  return findings;
}
