/** A schedule: which function is killed at which request, and in which groups its messages are redelivered. */
import { hash } from 'node:crypto';
import type { FixtureRoutes } from './fixture-route.ts';
import type { Kill } from './http-tap.ts';

const caps = { key: 'event.data.line', maxEvents: 4, maxBytes: 400_000 } as const;

/** With these, parameters of a few events are larger than Prefect takes. */
const overflowing = { maxEvents: 4, maxBytes: 5_000_000 } as const;

/** Small enough that the first delivery fills one batch and begins another. */
export const ROUTES = {
  'none': { coalesce: { mode: 'none' } },
  'invocation': { coalesce: { mode: 'invocation', ...caps } },
  'window': { coalesce: { mode: 'window', ...caps, maxWaitSeconds: 1, bypassWhen: null } },
  'debounce': {
    coalesce: { mode: 'debounce', ...caps, quietSeconds: 1, maxWaitSeconds: 100, bypassWhen: null },
  },
  'sliding': { coalesce: { mode: 'sliding', ...caps, sizeSeconds: 2, everySeconds: 1 } },
  'overflow': { coalesce: { mode: 'invocation', key: caps.key, ...overflowing }, overflow: 's3' },
  'overflow-window': {
    coalesce: { mode: 'window', key: caps.key, ...overflowing, maxWaitSeconds: 1, bypassWhen: null },
    overflow: 's3',
  },
} as const satisfies FixtureRoutes;

/** A mode, and whether its parameters go through S3. */
export type Mode = keyof typeof ROUTES;

export interface Victim {
  readonly mode: Mode;
  /** Where its events come from. */
  readonly from: 'queue' | 'topic';
  /** Prefect refuses one of its events. */
  readonly withPoison: boolean;
  /**
   * `delivery`: the function at the source. `flush`: the one that makes runs of windows. `reconcile`: the one that
   * finds windows whose timers were lost, and runs whose records were.
   */
  readonly at: 'delivery' | 'flush' | 'reconcile';
}

const QUEUE_VICTIMS = (
  [
    { mode: 'none', at: 'delivery' },
    { mode: 'invocation', at: 'delivery' },
    { mode: 'window', at: 'delivery' },
    { mode: 'window', at: 'flush' },
    { mode: 'debounce', at: 'delivery' },
    { mode: 'debounce', at: 'flush' },
    { mode: 'sliding', at: 'delivery' },
    { mode: 'sliding', at: 'flush' },
  ] as const
).flatMap((victim): Victim[] => [
  { ...victim, from: 'queue', withPoison: false },
  { ...victim, from: 'queue', withPoison: true },
]);

export const VICTIMS: readonly Victim[] = [
  ...QUEUE_VICTIMS,
  { mode: 'none', from: 'topic', at: 'delivery', withPoison: false },
  { mode: 'invocation', from: 'topic', at: 'delivery', withPoison: true },
  { mode: 'window', from: 'topic', at: 'delivery', withPoison: false },
  // Prefect does not see what is in S3, so it refuses none of it.
  { mode: 'overflow', from: 'queue', at: 'delivery', withPoison: false },
  { mode: 'overflow-window', from: 'queue', at: 'flush', withPoison: false },
  { mode: 'window', from: 'queue', at: 'reconcile', withPoison: false },
];

export interface Delivery {
  readonly ids: readonly string[];
  readonly receiveCount: number;
}

export const FIRST_IDS = ['a', 'b', 'c', 'd', 'e'];
/** The event of the first delivery that Prefect refuses. */
export const POISON_ID = 'b';
/** In mode `debounce` this event is delivered a little later, and moves the end of the window. */
export const LATE_ID = 'y';

/** How events are redelivered the first time; after that, events are redelivered until they are acknowledged. */
export const REGROUPINGS = {
  /** All of them, as in the first delivery. */
  identical: { afterMs: 120_000, deliveries: [{ ids: FIRST_IDS, receiveCount: 2 }] },
  /** In groups that overlap, from a source that does not count receives. */
  overlapping: {
    afterMs: 120_000,
    deliveries: [
      { ids: ['a'], receiveCount: 1 },
      { ids: ['b', 'c', 'd', 'e'], receiveCount: 1 },
      { ids: ['c', 'a'], receiveCount: 1 },
    ],
  },
  /** Together with a new one, before the leases of the first delivery are over. */
  mixed: {
    afterMs: 2_000,
    deliveries: [
      { ids: ['e', 'x', 'a'], receiveCount: 2 },
      { ids: ['d', 'b', 'c'], receiveCount: 2 },
    ],
  },
} as const satisfies Readonly<
  Record<string, { readonly afterMs: number; readonly deliveries: readonly Delivery[] }>
>;

export type Regrouping = keyof typeof REGROUPINGS;

/** When events are redelivered: before the windows are flushed, between two flushes, or after the last. */
export type Redelivery = 'before-flush' | 'amid-flush' | 'after-flush';

export interface Schedule extends Victim {
  readonly kill: Kill | null;
  readonly regrouping: Regrouping;
  readonly redelivery: Redelivery;
}

const REDELIVERIES = {
  delivery: ['before-flush', 'after-flush'],
  flush: ['amid-flush', 'after-flush'],
  reconcile: ['amid-flush', 'after-flush'],
} as const satisfies Record<Victim['at'], readonly Redelivery[]>;

export function hasWindows({ mode }: Pick<Victim, 'mode'>): boolean {
  const { coalesce } = ROUTES[mode];
  return coalesce.mode !== 'none' && coalesce.mode !== 'invocation';
}

/** How many runs hold an event: one, or one for each sliding window that covers it. */
export function runsExpected({ mode }: Pick<Victim, 'mode'>): number {
  const { coalesce } = ROUTES[mode];
  return coalesce.mode === 'sliding' ? coalesce.sizeSeconds / coalesce.everySeconds : 1;
}

/** `requests` is how many the victim sends when it is not killed. */
export function listSchedules(victim: Victim, requests: number): readonly Schedule[] {
  const kills = Array.from({ length: requests }, (_, index) => index + 1).flatMap((nth): Kill[] => [
    { nth, when: 'before' },
    { nth, when: 'after' },
  ]);
  const redeliveries: readonly Redelivery[] = hasWindows(victim) ? REDELIVERIES[victim.at] : ['before-flush'];
  const regroupings = Object.keys(REGROUPINGS) as Regrouping[];
  return kills.flatMap((kill) =>
    regroupings.flatMap((regrouping) =>
      redeliveries.map((redelivery) => ({ ...victim, kill, regrouping, redelivery })),
    ),
  );
}

/** A schedule that kills nothing: the requests of its victim are counted, and its events are checked like all others. */
export function undisturbed(victim: Victim): Schedule {
  const [redelivery] = REDELIVERIES[victim.at];
  return { ...victim, kill: null, regrouping: 'identical', redelivery };
}

/** List the names of all events of a schedule. */
export function eventNames({ mode, regrouping }: Schedule): readonly string[] {
  const again = REGROUPINGS[regrouping].deliveries.flatMap(({ ids }): readonly string[] => ids);
  return [...new Set([...FIRST_IDS, ...(mode === 'debounce' ? [LATE_ID] : []), ...again])];
}

export function describeSchedule(schedule: Schedule): string {
  const { mode, from, withPoison, at, kill, regrouping, redelivery } = schedule;
  const source = from === 'topic' ? ' from a topic' : '';
  const where = kill === null ? 'not killed' : `killed ${kill.when} request ${kill.nth}`;
  return `${mode}${source}${withPoison ? ' with poison' : ''}, ${at} ${where}, ${regrouping} ${redelivery}`;
}

/** Choose `size` of the schedules, as the seed decides. */
export function chooseSample(
  schedules: readonly Schedule[],
  size: number,
  seed: number,
): readonly Schedule[] {
  const rank = (schedule: Schedule): string => hash('sha256', `${seed} ${describeSchedule(schedule)}`);
  return schedules
    .map((schedule) => ({ schedule, rank: rank(schedule) }))
    .sort((one, other) => one.rank.localeCompare(other.rank))
    .slice(0, size)
    .map(({ schedule }) => schedule);
}
