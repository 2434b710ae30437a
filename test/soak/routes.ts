/** The routes of the soak, in the versions that redeploys put in each other's place. */
import type { FixtureRoute, FixtureRoutes } from '../crash/fixture-route.ts';

export type RouteName =
  | 'none'
  | 'invocation'
  | 'window'
  | 'debounce'
  | 'sliding'
  | 'overflow'
  | 'recurring'
  | 'recurring-window'
  | 'changed'
  | 'doomed'
  | 'doomed-window';

const caps = { key: 'event.data.line', maxEvents: 20, maxBytes: 400_000 } as const;

/** Long enough that a message is acknowledged before its claim expires, whatever faults it meets. */
export const RECURRENCE_RETENTION_SECONDS = 60;

const recurring = { key: 'event.data.key', retentionSeconds: RECURRENCE_RETENTION_SECONDS } as const;
const sliding = { mode: 'sliding', ...caps, sizeSeconds: 8, everySeconds: 4 } as const;

const ROUTES: Readonly<Record<Exclude<RouteName, 'changed'>, FixtureRoute>> = {
  'none': { coalesce: { mode: 'none' } },
  'invocation': { coalesce: { mode: 'invocation', ...caps } },
  'window': {
    coalesce: { mode: 'window', ...caps, maxWaitSeconds: 5, bypassWhen: 'event.data.amount == 7' },
  },
  'debounce': {
    coalesce: { mode: 'debounce', ...caps, quietSeconds: 2, maxWaitSeconds: 8, bypassWhen: null },
  },
  'sliding': { coalesce: sliding },
  'overflow': {
    coalesce: {
      mode: 'window',
      // One window for all lines, so that it holds enough to be too large for Prefect.
      key: null,
      maxEvents: 6,
      maxBytes: 5_000_000,
      maxWaitSeconds: 8,
      bypassWhen: null,
    },
    overflow: 's3',
  },
  'recurring': { coalesce: { mode: 'none' }, dedupe: recurring },
  'recurring-window': {
    coalesce: { mode: 'window', ...caps, maxWaitSeconds: 2, bypassWhen: null },
    dedupe: recurring,
  },
  // The nemesis deletes the deployments of these.
  'doomed': { coalesce: { mode: 'invocation', ...caps } },
  'doomed-window': { coalesce: { mode: 'window', ...caps, maxWaitSeconds: 4, bypassWhen: null } },
};

/** Each has a deployment and a parameter of its own, and another mode or other caps. */
const CHANGED: readonly [FixtureRoute, ...FixtureRoute[]] = [
  { coalesce: { mode: 'window', ...caps, maxWaitSeconds: 15, bypassWhen: null }, deployment: 'changed-a' },
  {
    coalesce: { mode: 'window', ...caps, maxEvents: 5, maxWaitSeconds: 12, bypassWhen: null },
    deployment: 'changed-b',
    parameter: 'renamed',
  },
  {
    coalesce: { mode: 'debounce', ...caps, quietSeconds: 4, maxWaitSeconds: 15, bypassWhen: null },
    deployment: 'changed-c',
    parameter: 'again',
  },
  { coalesce: { mode: 'invocation', ...caps }, deployment: 'changed-d', parameter: 'at_once' },
];

/** Each of the versions once. */
export const VERSIONS: readonly number[] = [...CHANGED.keys()];

/** The routes in a version, counted from 0; versions repeat. */
export function routesOf(version: number): FixtureRoutes {
  return { ...ROUTES, changed: CHANGED[version % CHANGED.length] ?? CHANGED[0] };
}

/** How many runs hold an event: one, or one for each sliding window that covers it. */
export function runsExpected(route: RouteName): number {
  return route === 'sliding' ? sliding.sizeSeconds / sliding.everySeconds : 1;
}

export function isDoomed(deployment: string): boolean {
  return deployment.startsWith('doomed');
}
