/** `sources.<name>.order`: for sources whose events have an order, in message groups of a FIFO queue or in partitions. */
import { z } from 'zod';
import type { ConfigIssue } from './issues/config-issue.ts';
import { isFifo } from './queue.ts';
import type { Named } from './valid-parts.ts';

export const order = z
  .enum(['relaxed', 'strict'])
  .optional()
  .describe(
    'What happens to later events of a message group (FIFO queue) or partition (Kafka) when an earlier one fails temporarily. `strict`: they are returned for redelivery with it, so that their flow runs are created in order. `relaxed`: they go on, and their flow runs may be created before that of the failed event. A dead-lettered event holds nothing back. Default: `relaxed`.',
  );

export type OrderConfiguration = z.output<typeof order>;

interface OrderedSource {
  readonly queueArn: string | null;
  readonly order?: OrderConfiguration | null;
}

/** A FIFO queue whose order is lost after a failure should say that this is intended. */
export function orderRules({ name, part: source }: Named<OrderedSource>): readonly ConfigIssue[] {
  const queueArn = source?.queueArn ?? null;
  if (source === null || queueArn === null) return [];
  if (source.order === 'strict' && !isFifo(queueArn)) {
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
  if (source.order !== undefined || !isFifo(queueArn)) return [];
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
