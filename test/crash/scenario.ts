/** One schedule while it runs: its events, its clock, and its deliveries so far. */
import type { SQSBatchResponse } from 'aws-lambda';
import { sequenceMeaning, windowRulesOf } from '../../lib/windows/window-rules.ts';
import { windowSeriesOf } from '../../lib/windows/window.ts';
import type { FixtureRoute } from './fixture-route.ts';
import type { InvocationResult } from './function-process.ts';
import type { Invocation } from './function-program.ts';
import type { Kill } from './http-tap.ts';
import { fixtureKafkaEvent, offsetsToRedeliver } from './kafka-event.ts';
import { POISON_ID, ROUTES, type Delivery, type Schedule } from './schedule.ts';
import { toSqsEvent, type MessageOptions } from './sqs-event.ts';

/** How long one invocation may run; its leases are over after that. */
const REMAINING_MS = 60_000;
/** Four of these are more than Prefect takes, and one is less. */
const BLOB_BYTES = 150_000;

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
  /** Windows that are not closed at the end in a table of its own, if it has one. */
  unclosedWindows: readonly string[] = [];
  /** Offsets of its records of a topic, by the names of events. */
  readonly #offsets = new Map<string, number>();
  readonly #delivered = new Set<string>();
  readonly #acknowledged = new Set<string>();

  constructor(schedule: Schedule, line: string, nowEpochMs: number) {
    this.schedule = schedule;
    this.line = line;
    this.nowEpochMs = nowEpochMs;
  }

  /** The hash of the key of its windows; `null` if it has none. */
  get keyHash(): string | null {
    const { coalesce }: FixtureRoute = ROUTES[this.schedule.mode];
    if (coalesce.mode === 'none' || coalesce.mode === 'invocation') return null;
    const meaning = sequenceMeaning(windowRulesOf(coalesce));
    return windowSeriesOf(this.schedule.mode, meaning, `s:${this.line}`).keyHash;
  }

  /** The events that the queue would deliver again. */
  get unacknowledged(): readonly string[] {
    return [...this.#delivered].filter((name) => !this.#acknowledged.has(name));
  }

  idOf(name: string): string {
    return `${this.line}-${name}`;
  }

  invocationFor({ ids, receiveCount }: Delivery, kill: Kill | null = null): Invocation {
    if (this.schedule.from === 'topic') {
      const records = ids.map((name) => ({ offset: this.#offsetOf(name), value: this.#dataOf(name) }));
      return this.#invocation(fixtureKafkaEvent(records), kill);
    }
    const messages = ids.map((name): MessageOptions => {
      return { messageId: name, body: this.#dataOf(name), receiveCount };
    });
    return this.invocationWith(messages, kill);
  }

  invocationWith(messages: readonly MessageOptions[], kill: Kill | null): Invocation {
    return this.#invocation(toSqsEvent(messages), kill);
  }

  /** Invoke the reconciliation. */
  reconciliation(kill: Kill | null): Invocation {
    return this.#invocation({ sluiceReconcile: 1, scope: 'everything', dryRun: false }, kill);
  }

  recordDelivery({ ids }: Delivery, result: InvocationResult): void {
    const again = this.#namesToRedeliver(ids, result);
    for (const name of ids) {
      this.#delivered.add(name);
      if (!again.has(name)) this.#acknowledged.add(name);
    }
  }

  recordVictim(result: InvocationResult): void {
    this.wasKilled = result.kind === 'killed';
    this.requestsOfVictim = result.kind === 'responded' ? result.requests : null;
  }

  #invocation(event: unknown, kill: Kill | null): Invocation {
    return { event, nowEpochMs: this.nowEpochMs, remainingMs: REMAINING_MS, kill };
  }

  #dataOf(name: string): string {
    const { mode, withPoison } = this.schedule;
    const amount = withPoison && name === POISON_ID ? 'none' : 1;
    const { overflow }: FixtureRoute = ROUTES[mode];
    const blob = overflow === 's3' ? { blob: 'x'.repeat(BLOB_BYTES) } : {};
    return JSON.stringify({ route: mode, line: this.line, id: this.idOf(name), amount, ...blob });
  }

  #offsetOf(name: string): number {
    const offset = this.#offsets.get(name) ?? this.#offsets.size;
    this.#offsets.set(name, offset);
    return offset;
  }

  #namesToRedeliver(ids: readonly string[], result: InvocationResult): ReadonlySet<string> {
    if (this.schedule.from === 'queue') return namesToRedeliver(ids, result);
    const offsets = offsetsToRedeliver(result);
    return new Set(ids.filter((name) => offsets === 'all' || offsets.has(this.#offsetOf(name))));
  }
}

/** Choose the messages that the event source mapping would leave on the queue. */
export function namesToRedeliver(
  messageIds: readonly string[],
  result: InvocationResult,
): ReadonlySet<string> {
  if (result.kind !== 'responded') return new Set(messageIds);
  const { batchItemFailures } = result.response as SQSBatchResponse;
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}
