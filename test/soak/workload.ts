/** Events for routes of every mode and a few window keys: some are sent twice, some are poison, which Prefect refuses. */
import type { FixtureRoutes } from '../crash/fixture-route.ts';
import type { Random } from '../support/random.ts';

const caps = { key: 'event.data.line', maxEvents: 20, maxBytes: 400_000 } as const;

export const SOAK_ROUTES = {
  none: { coalesce: { mode: 'none' } },
  invocation: { coalesce: { mode: 'invocation', ...caps } },
  window: { coalesce: { mode: 'window', ...caps, maxWaitSeconds: 5, bypassWhen: 'event.data.amount == 7' } },
  debounce: {
    coalesce: { mode: 'debounce', ...caps, quietSeconds: 2, maxWaitSeconds: 8, bypassWhen: null },
  },
  sliding: { coalesce: { mode: 'sliding', ...caps, sizeSeconds: 8, everySeconds: 4 } },
} as const satisfies FixtureRoutes;

type SoakRoute = keyof typeof SOAK_ROUTES;

/** How many runs hold an event: one, or one for each sliding window that covers it. */
export function runsExpected(route: SoakRoute): number {
  const { coalesce } = SOAK_ROUTES[route];
  return coalesce.mode === 'sliding' ? coalesce.sizeSeconds / coalesce.everySeconds : 1;
}

export interface SentEvent {
  readonly id: string;
  readonly route: SoakRoute;
  readonly isPoison: boolean;
  readonly body: string;
}

const ROUTES = ['none', 'invocation', 'window', 'debounce', 'sliding'] as const;
const LINES = ['eu', 'us', 'ap'] as const;
const DUPLICATES = 0.15;
const POISON = 0.01;

export class Workload {
  /** Every event once, however often it was sent. */
  readonly events: SentEvent[] = [];
  duplicates = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): SentEvent {
    const random = this.#random;
    const again = random.isTrue(DUPLICATES) ? this.events[random.upTo(this.events.length) - 1] : undefined;
    if (again !== undefined) {
      this.duplicates++;
      return again;
    }
    const id = `event-${String(this.events.length)}`;
    const route = random.oneOf(ROUTES);
    const isPoison = random.isTrue(POISON);
    const amount = isPoison ? 'none' : random.upTo(100);
    const body = JSON.stringify({ route, line: random.oneOf(LINES), id, amount });
    const event = { id, route, isPoison, body };
    this.events.push(event);
    return event;
  }
}
