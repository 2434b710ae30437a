/** One schedule as it is played: its events, its clock, and what has become of it so far. */
import { sequenceMeaning, windowRulesOf } from '../../lib/windows/window-rules.ts';
import { windowSeriesOf } from '../../lib/windows/window.ts';
import type { Ending } from './function-process.ts';
import type { Invocation } from './function-program.ts';
import type { Kill } from './http-tap.ts';
import { COALESCING, POISON_ID, type Delivery, type Schedule } from './schedule.ts';
import { sqsEventOf, type MessageTerms } from './sqs-event.ts';

/** As long as one invocation may run; after it its leases are over. */
const REMAINING_MS = 60_000;

export class Play {
  readonly schedule: Schedule;
  /** What its events have in common: the key of its windows, and the beginning of their ids. */
  readonly line: string;
  /** What the clocks of its functions say. */
  nowEpochMs: number;
  /** How often somebody looked at its windows. */
  looks = 0;
  /** What its victim sent; null as long as it was not there, or when it died. */
  requestsOfVictim: number | null = null;
  wasKilled = false;
  readonly #delivered = new Set<string>();
  readonly #acknowledged = new Set<string>();

  constructor(schedule: Schedule, line: string, nowEpochMs: number) {
    this.schedule = schedule;
    this.line = line;
    this.nowEpochMs = nowEpochMs;
  }

  /** Of its windows; null when it has none. */
  get keyHash(): string | null {
    const coalescing = COALESCING[this.schedule.mode];
    if (coalescing.mode === 'none' || coalescing.mode === 'invocation') return null;
    const meaning = sequenceMeaning(windowRulesOf(coalescing));
    return windowSeriesOf(coalescing.mode, meaning, `s:${this.line}`).keyHash;
  }

  /** What the queue would hand out again. */
  get unacknowledged(): readonly string[] {
    return [...this.#delivered].filter((name) => !this.#acknowledged.has(name));
  }

  idOf(name: string): string {
    return `${this.line}-${name}`;
  }

  invocationFor({ ids, receiveCount }: Delivery, kill: Kill | null = null): Invocation {
    const messages = ids.map((name): MessageTerms => {
      const { mode, withPoison } = this.schedule;
      const amount = withPoison && name === POISON_ID ? 'none' : 1;
      const data = { route: mode, line: this.line, id: this.idOf(name), amount };
      return { messageId: name, body: JSON.stringify(data), receiveCount };
    });
    return this.invocationWith(messages, kill);
  }

  invocationWith(messages: readonly MessageTerms[], kill: Kill | null): Invocation {
    const { nowEpochMs } = this;
    return { event: sqsEventOf(messages), nowEpochMs, remainingMs: REMAINING_MS, kill };
  }

  noteDelivery({ ids }: Delivery, ending: Ending): void {
    const again = namesToDeliverAgain(ids, ending);
    for (const name of ids) {
      this.#delivered.add(name);
      if (!again.has(name)) this.#acknowledged.add(name);
    }
  }

  noteVictim(ending: Ending): void {
    this.wasKilled = ending.kind === 'killed';
    this.requestsOfVictim = ending.kind === 'answered' ? ending.requests : null;
  }
}

/** Of these messages, those that the event source mapping would leave on the queue. */
export function namesToDeliverAgain(messageIds: readonly string[], ending: Ending): ReadonlySet<string> {
  if (ending.kind !== 'answered') return new Set(messageIds);
  return new Set(ending.response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}
