/** Dead letters as they stand in a queue. */
import { randomUUID } from 'node:crypto';
import { toDeadLetterMessages, type DeadLetter } from '../../../lib/dead-letters/dead-letter.ts';
import type { HiddenMessage } from '../../../lib/redrive/redrive-ports.ts';
import { sqsRecord } from './pipeline-parts.ts';

export function makeDeadLetter(changes: Partial<DeadLetter> = {}): DeadLetter {
  return {
    source: 'jobs',
    record: sqsRecord('m1', '{"id":"a"}'),
    outcome: {
      kind: 'dead-lettered',
      route: 'process-orders',
      batchId: 'deployment.hash',
      flowRunId: 'dead run',
      code: 'refused-by-prefect',
      detail: 'parameter orders: not an array',
    },
    eventId: 'm1',
    configHash: '0123456789abcdef',
    deadLetteredAtEpochMs: 1_800_000_000_000,
    ...changes,
  };
}

export function makeHiddenMessage(body: string, changes: Partial<HiddenMessage> = {}): HiddenMessage {
  return {
    messageId: randomUUID(),
    receiptHandle: randomUUID(),
    body,
    attributes: new Map(),
    sentAtEpochMs: 1_800_000_000_000,
    meantForQueueArn: null,
    ...changes,
  };
}

/** The messages that hold this letter, in order. */
export function makeDeadLetterMessages(
  changes: Partial<DeadLetter> = {},
  maxBytes?: number,
): HiddenMessage[] {
  return toDeadLetterMessages(makeDeadLetter(changes), maxBytes).map((body) => makeHiddenMessage(body));
}
