/** One schedule while it runs: its events, its clock, and its deliveries so far. */
import { sequenceMeaning, windowRulesOf } from '../../lib/windows/window-rules.ts';
import { windowSeriesOf } from '../../lib/windows/window.ts';
import type { InvocationResult } from './function-process.ts';
import type { Invocation } from './function-program.ts';
import type { Kill } from './http-tap.ts';
import { COALESCING, POISON_ID, type Delivery, type Schedule } from './schedule.ts';
import { toSqsEvent, type MessageOptions } from './sqs-event.ts';

/** How long one invocation may run; its leases are over after that. */
const REMAINING_MS = 60_000;

export class Scenario {
  readonly schedule: Schedule;
  /** The key of its windows, and the prefix of the ids of its events. */
  readonly line: string;
  /** The time on the clocks of its functions. */
  nowEpochMs: number;
  /** How often the timers of its windows were delivered. */
  flushes = 0;
  /** How many requests its victim sent; `null` before its invocation, and if it was killed. */
  requestsOfVictim: number | null = null;
  wasKilled = false;
  readonly #delivered = new Set<string>();
  readonly #acknowledged = new Set<string>();

  constructor(schedule: Schedule, line: string, nowEpochMs: number) {
    this.schedule = schedule;
    this.line = line;
    this.nowEpochMs = nowEpochMs;
  }

  /** The hash of the key of its windows; `null` if it has none. */
  get keyHash(): string | null {
    const coalescing = COALESCING[this.schedule.mode];
    if (coalescing.mode === 'none' || coalescing.mode === 'invocation') return null;
    const meaning = sequenceMeaning(windowRulesOf(coalescing));
    return windowSeriesOf(coalescing.mode, meaning, `s:${this.line}`).keyHash;
  }

  /** The events that the queue would deliver again. */
  get unacknowledged(): readonly string[] {
    return [...this.#delivered].filter((name) => !this.#acknowledged.has(name));
  }

  idOf(name: string): string {
    return `${this.line}-${name}`;
  }

  invocationFor({ ids, receiveCount }: Delivery, kill: Kill | null = null): Invocation {
    const messages = ids.map((name): MessageOptions => {
      const { mode, withPoison } = this.schedule;
      const amount = withPoison && name === POISON_ID ? 'none' : 1;
      const data = { route: mode, line: this.line, id: this.idOf(name), amount };
      return { messageId: name, body: JSON.stringify(data), receiveCount };
    });
    return this.invocationWith(messages, kill);
  }

  invocationWith(messages: readonly MessageOptions[], kill: Kill | null): Invocation {
    const { nowEpochMs } = this;
    return { event: toSqsEvent(messages), nowEpochMs, remainingMs: REMAINING_MS, kill };
  }

  recordDelivery({ ids }: Delivery, result: InvocationResult): void {
    const again = namesToRedeliver(ids, result);
    for (const name of ids) {
      this.#delivered.add(name);
      if (!again.has(name)) this.#acknowledged.add(name);
    }
  }

  recordVictim(result: InvocationResult): void {
    this.wasKilled = result.kind === 'killed';
    this.requestsOfVictim = result.kind === 'responded' ? result.requests : null;
  }
}

/** Choose the messages that the event source mapping would leave on the queue. */
export function namesToRedeliver(
  messageIds: readonly string[],
  result: InvocationResult,
): ReadonlySet<string> {
  if (result.kind !== 'responded') return new Set(messageIds);
  return new Set(result.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}
