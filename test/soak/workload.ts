/** Events for routes of every mode and a few window keys: some are sent twice, some are poison, which Prefect refuses. */
import type { CompiledCoalescing } from '../../lib/compiled-config/compiled-coalescing.ts';
import type { Random } from '../support/random.ts';

const caps = { key: 'event.data.line', maxEvents: 20, maxBytes: 400_000 } as const;

export const SOAK_COALESCING = {
  none: { mode: 'none' },
  invocation: { mode: 'invocation', ...caps },
  window: { mode: 'window', ...caps, maxWaitSeconds: 5, bypassWhen: 'event.data.amount == 7' },
  debounce: { mode: 'debounce', ...caps, quietSeconds: 2, maxWaitSeconds: 8, bypassWhen: null },
  sliding: { mode: 'sliding', ...caps, sizeSeconds: 8, everySeconds: 4 },
} as const satisfies Readonly<Record<string, CompiledCoalescing>>;

type SoakRoute = keyof typeof SOAK_COALESCING;

/** How many runs hold an event: one, or one for each sliding window that covers it. */
export function runsExpected(route: SoakRoute): number {
  const coalescing = SOAK_COALESCING[route];
  return coalescing.mode === 'sliding' ? coalescing.sizeSeconds / coalescing.everySeconds : 1;
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
