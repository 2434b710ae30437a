import type { Clock } from '../../ports.ts';
import { timerMessageOf } from '../../windows/timer-message.ts';
import type { TimerQueue, WindowTimer } from '../../windows/window-ports.ts';
import type { SqsMessage, SqsSender } from './sqs-sender.ts';

/**
 * Of one message: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatchRequestEntry.html
 * A window that is due later is looked at early, and its timer set again.
 */
const MAX_DELAY_SECONDS = 900;

export interface SqsTimerQueueOptions {
  /** Of a standard queue: a FIFO queue takes no delay per message. */
  readonly sender: SqsSender;
  readonly clock: Clock;
}

/** Timers as messages that become visible when their window is due. */
export class SqsTimerQueue implements TimerQueue {
  readonly #sender: SqsSender;
  readonly #clock: Clock;

  constructor({ sender, clock }: SqsTimerQueueOptions) {
    this.#sender = sender;
    this.#clock = clock;
  }

  /** A failure of any kind is in the answer, never thrown. */
  sendTimers(timers: readonly WindowTimer[]): Promise<readonly number[]> {
    const nowEpochMs = this.#clock.nowEpochMs();
    return this.#sender.send(timers.map((timer) => toTimerMessage(timer, nowEpochMs)));
  }
}

function toTimerMessage(timer: WindowTimer, nowEpochMs: number): SqsMessage {
  const delaySeconds = Math.ceil((timer.dueEpochMs - nowEpochMs) / 1_000);
  return {
    body: timerMessageOf(timer),
    attributes: {},
    delaySeconds: Math.min(MAX_DELAY_SECONDS, Math.max(0, delaySeconds)),
    fifo: { groupId: 'timers', deduplicationId: `${timer.windowId} ${timer.dueEpochMs}` },
  };
}
