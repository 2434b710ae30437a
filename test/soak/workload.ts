/** Events for routes of every mode and a few window keys: some are sent twice, some are poison, which Prefect refuses. */
import type { Random } from '../support/random.ts';
import { RECURRENCE_RETENTION_SECONDS, type RouteName } from './routes.ts';

export interface SentEvent {
  readonly id: string;
  readonly route: RouteName;
  readonly isPoison: boolean;
  readonly body: string;
}

const ROUTES = [
  'none',
  'invocation',
  'window',
  'debounce',
  'sliding',
  'overflow',
  'recurring',
  'recurring-window',
  'changed',
  'doomed',
  'doomed-window',
] as const satisfies readonly RouteName[];
const LINES = ['eu', 'us', 'ap'] as const;
const DUPLICATES = 0.15;
const POISON = 0.01;
/** Three of these are more than Prefect takes, and one is less. */
const BLOB_BYTES = 200_000;
const KEYS = 12;
/** For clocks and rounding. */
const SLACK_MS = 3_000;

/** A key that recurs, and the event that has it now. */
interface RecurringKey {
  readonly key: string;
  lastId: string;
  /** `null` while its event is not acknowledged. */
  acknowledgedAtMs: number | null;
}

export class Workload {
  /** Every event once, however often it was sent. */
  readonly events: SentEvent[] = [];
  duplicates = 0;
  /** How often an event was sent whose key an earlier event had, whose claim had expired by then. */
  recurrences = 0;
  readonly #random: Random;
  readonly #keys = new Map<string, RecurringKey>();

  constructor(random: Random) {
    this.#random = random;
  }

  next(nowMs: number): SentEvent {
    const random = this.#random;
    const again = random.isTrue(DUPLICATES) ? this.events[random.upTo(this.events.length) - 1] : undefined;
    // A duplicate of an event whose key recurs would be a new event after the retention.
    if (again !== undefined && !again.route.startsWith('recurring')) {
      this.duplicates++;
      return again;
    }
    const id = `event-${String(this.events.length)}`;
    const wanted = random.oneOf(ROUTES);
    const key = wanted.startsWith('recurring') ? this.#takeKey(wanted, id, nowMs) : null;
    // While no key is free, the event has to be another one.
    const route = wanted.startsWith('recurring') && key === null ? 'none' : wanted;
    // Prefect does not see what is in S3, so it refuses none of it.
    const isPoison = route !== 'overflow' && key === null && random.isTrue(POISON);
    const data = {
      route,
      line: random.oneOf(LINES),
      id,
      amount: isPoison ? 'none' : random.upTo(100),
      ...(key !== null && { key }),
      ...(route === 'overflow' && { blob: 'x'.repeat(BLOB_BYTES) }),
    };
    const event = { id, route, isPoison, body: JSON.stringify(data) };
    this.events.push(event);
    return event;
  }

  /** The message was deleted from its queue: from now on its claim is all that is left of it. */
  acknowledge(body: string, nowMs: number): void {
    const { id, route, key } = JSON.parse(body) as { id: string; route: string; key?: string };
    if (key === undefined) return;
    const recurring = this.#keys.get(`${route} ${key}`);
    if (recurring?.lastId === id) recurring.acknowledgedAtMs ??= nowMs;
  }

  /** Take a key whose last event has been acknowledged for longer than claims live, or that no event had. */
  #takeKey(route: string, id: string, nowMs: number): string | null {
    const key = `key-${String(this.#random.upTo(KEYS))}`;
    const last = this.#keys.get(`${route} ${key}`);
    const expiredMs = RECURRENCE_RETENTION_SECONDS * 1_000 + SLACK_MS;
    if (last !== undefined) {
      if (last.acknowledgedAtMs === null || nowMs - last.acknowledgedAtMs < expiredMs) return null;
      this.recurrences++;
    }
    this.#keys.set(`${route} ${key}`, { key, lastId: id, acknowledgedAtMs: null });
    return key;
  }
}
