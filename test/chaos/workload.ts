/** A continuous load over all routes and sources: new events, duplicates, poison, and keys that recur after their retention. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../support/random.ts';
import { keyOf, type EventData, type EventKey, type WorkloadEvent } from './event.ts';
import type { ObservedRun, SentEvent } from './observation.ts';
import { RECURRENCE_RETENTION_SECONDS, type RouteName } from './routes.ts';
import type { Senders } from './senders.ts';

type RecurringRoute = 'recurring' | 'recurring-window';

export interface WorkloadOptions {
  readonly random: Random;
  readonly senders: Senders;
  /** Messages that wait anywhere. The load pauses while there are too many: the check is not about throughput. */
  readonly countBacklog: () => Promise<number>;
  /** The same of the source of events whose keys recur. */
  readonly countRecurring: () => Promise<number>;
  readonly listRecurringRuns: () => Promise<readonly ObservedRun[]>;
}

/** More frequent where it is named more often. */
const COMMON_ROUTES: readonly [RouteName, ...RouteName[]] = [
  ...(['none', 'invocation', 'window', 'debounce', 'sliding'] as const),
  ...(['changed', 'doomed', 'doomed-window'] as const),
];
const SHARED_ROUTES: ReadonlySet<RouteName> = new Set<RouteName>(['none', 'invocation', 'window']);
const LINES = ['eu', 'us', 'ap'] as const;
const RECURRING_ROUTES: readonly RecurringRoute[] = ['recurring', 'recurring-window'];
const RECURRING_KEYS = ['k1', 'k2', 'k3', 'k4'] as const;

const EVENTS_AT_ONCE = 4;
const PAUSE_MS = 500;
const LARGEST_BACKLOG = 150;
/** Events that wait for a response of their source. */
const MOST_PENDING = 20;
const DUPLICATES = 0.12;
/** Duplicates are of one of so many events. */
const RECENT = 150;
const POISON = 0.015;
const AUDITED = 0.1;
const BOTH_INSTALLATIONS = 0.5;
const EXECUTED = 0.02;
/** Prefect counts six bytes for each of these characters: two events exceed its limit for parameters together. */
const PADDING = 'ä'.repeat(60_000);
const LARGE_EVENTS_AT_ONCE = 3;
const LARGE_EVENTS_EVERY_MS = 4_000;
const LOOK_AT_RECURRING_EVERY_MS = 4_000;
/** How long after the retention of a key its next event is sent, at least, counted from the end of the last one. */
const RECURRENCE_SLACK_MS = 3_000;
const RECURS_AFTER_MS = RECURRENCE_RETENTION_SECONDS * 1_000 + RECURRENCE_SLACK_MS;

/** The last event of a key that recurs, and when it was first seen in a run and acknowledged. */
interface LastOfKey {
  readonly event: WorkloadEvent;
  endedAtMs: number | null;
}

export class Workload {
  duplicates = 0;
  readonly #options: WorkloadOptions;
  readonly #sent: SentEvent[] = [];
  readonly #recurring = new Map<string, LastOfKey>();
  readonly #pending = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];
  #nextId = 0;
  #lookedAtMs = 0;
  #sentLargeAtMs = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
  }

  get sent(): readonly SentEvent[] {
    return this.#sent;
  }

  /** Send events until `isOver`, then wait for the responses that are outstanding. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const backlog = (await this.#options.countBacklog()) + this.#pending.size;
      if (backlog < LARGEST_BACKLOG && this.#pending.size < MOST_PENDING) this.#sendSome();
      await this.#sendRecurring();
      if (this.#failures.length > 0) throw this.#failures[0];
      await pause(PAUSE_MS);
    }
    await Promise.all(this.#pending);
  }

  #sendSome(): void {
    const { random } = this.#options;
    // Whenever a redeploy changes the route, windows of its old version are open, and events follow under the new one.
    this.#send(this.#makeEvent('changed'));
    const nowMs = Date.now();
    if (nowMs - this.#sentLargeAtMs > LARGE_EVENTS_EVERY_MS) {
      this.#sentLargeAtMs = nowMs;
      for (let count = LARGE_EVENTS_AT_ONCE; count > 0; count--) this.#send(this.#makeEvent('overflow'));
    }
    for (let count = random.upTo(EVENTS_AT_ONCE); count > 0; count--) {
      const again = random.isTrue(DUPLICATES) ? this.#recentEvent() : undefined;
      if (again !== undefined) {
        this.duplicates++;
        this.#send(again);
        continue;
      }
      const event = this.#makeEvent(this.#chooseRoute());
      this.#send(event);
      // The second installation is sent an event with the same id and the same data.
      if (SHARED_ROUTES.has(event.routes[0]) && random.isTrue(BOTH_INSTALLATIONS)) {
        this.#send({ ...event, data: { ...event.data, installation: 'b' } });
      }
    }
  }

  #chooseRoute(): RouteName {
    const { random } = this.#options;
    return random.isTrue(EXECUTED) ? 'executed' : random.oneOf(COMMON_ROUTES);
  }

  #makeEvent(route: RouteName, key?: string): WorkloadEvent {
    const { random } = this.#options;
    const id = `event-${String(this.#nextId++)}`;
    const mayBePoison = COMMON_ROUTES.includes(route) && !route.startsWith('doomed');
    const data: EventData = {
      installation: 'a',
      id,
      line: random.oneOf(LINES),
      amount: mayBePoison && random.isTrue(POISON) ? 'poison' : random.upTo(100),
      audit: random.isTrue(AUDITED),
      key: key ?? id,
      padding: route === 'overflow' ? PADDING : '',
    };
    return { data, routes: data.audit ? [route, 'audit'] : [route] };
  }

  #recentEvent(): SentEvent | undefined {
    const recent = this.#sent.slice(-RECENT).filter(({ routes: [route] }) => !isRecurring(route));
    return recent[this.#options.random.upTo(recent.length) - 1];
  }

  /**
   * Send the next event of each key whose last event has ended for longer than a claim lives. A message that is still to
   * be acknowledged may be delivered again, and make a claim again when the first has expired (assumption A1): so these
   * events have a queue of their own, and an event has ended when it is in a run and that queue is empty.
   */
  async #sendRecurring(): Promise<void> {
    if (Date.now() - this.#lookedAtMs < LOOK_AT_RECURRING_EVERY_MS) return;
    this.#lookedAtMs = Date.now();
    const runs = this.#recurring.size === 0 ? [] : await this.#options.listRecurringRuns().catch(() => []);
    const isAllAcknowledged = (await this.#options.countRecurring()) === 0;
    const nowMs = Date.now();
    for (const route of RECURRING_ROUTES) {
      for (const key of RECURRING_KEYS) {
        const place = `${route} ${key}`;
        const last = this.#recurring.get(place);
        if (last !== undefined) {
          if (isAllAcknowledged && isInRun(last.event, route, runs)) last.endedAtMs ??= nowMs;
          if (last.endedAtMs === null || nowMs < last.endedAtMs + RECURS_AFTER_MS) continue;
        }
        const event = this.#makeEvent(route, key);
        this.#recurring.set(place, { event, endedAtMs: null });
        this.#send(event);
      }
    }
  }

  #send(event: WorkloadEvent): void {
    const { random, senders } = this.#options;
    const { data, routes } = event;
    const key = keyOf(data);
    const source = isRecurring(routes[0]) ? 'recurring' : random.oneOf(senders.sourcesOf(data.installation));
    const firstSentAtMs = Date.now();
    const index = this.#indexOf(key, { data, routes, key, firstSentAtMs, acceptedAtMs: null });
    const sending = senders
      .send(event, source)
      .then((isAccepted) => {
        const before = this.#sent[index];
        if (!isAccepted || before?.acceptedAtMs !== null) return;
        this.#sent[index] = { ...before, acceptedAtMs: Date.now() };
      })
      .catch((error: unknown) => {
        this.#failures.push(error);
      })
      .finally(() => this.#pending.delete(sending));
    this.#pending.add(sending);
  }

  #indexOf(key: EventKey, event: SentEvent): number {
    const known = this.#sent.findIndex((each) => each.key === key);
    return known >= 0 ? known : this.#sent.push(event) - 1;
  }
}

function isRecurring(route: RouteName): boolean {
  return route.startsWith('recurring');
}

function isInRun({ data }: WorkloadEvent, route: RecurringRoute, runs: readonly ObservedRun[]): boolean {
  return runs.some((run) => run.route === route && run.events.some(({ id }) => id === data.id));
}
