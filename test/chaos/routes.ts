/** The routes of the check: every mode, overflow to S3, keys that recur after their retention, and a route that changes. */

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
  | 'doomed-window'
  | 'executed'
  | 'audit';

/** The versions of the route `changed`, which redeploys put in each other's place. */
export type RouteVersion = 'a' | 'b' | 'c' | 'd';

export const ROUTE_VERSIONS: readonly [RouteVersion, ...RouteVersion[]] = ['a', 'b', 'c', 'd'];

export interface FlowDefinition {
  readonly flow: string;
  readonly route: RouteName;
  /** The version whose runs belong to this flow; `null` if the route never changes. */
  readonly version: RouteVersion | null;
  /** The parameter that holds the events. */
  readonly parameter: string;
  /** The cap on the events of one run. */
  readonly maxEvents: number;
  /** A worker executes the runs. */
  readonly isExecuted: boolean;
}

/** How long the claims of the routes with recurring keys live. */
export const RECURRENCE_RETENTION_SECONDS = 60;

/** An event of the route `sliding` is in this many overlapping windows. */
export const SLIDING = { sizeSeconds: 8, everySeconds: 4 } as const;

export const DEPLOYMENT_NAME = 'chaos';

type Settings = Readonly<Record<string, unknown>>;

interface RouteDefinition {
  readonly coalesce: Settings & { readonly maxEvents?: number };
  readonly dedupe?: Settings;
  readonly overflow?: 's3';
}

const line = 'event.data.line';

const ROUTES: Readonly<Record<Exclude<RouteName, 'changed'>, RouteDefinition>> = {
  'none': { coalesce: { mode: 'none' } },
  'invocation': { coalesce: { mode: 'invocation', key: line, maxEvents: 10 } },
  'window': {
    coalesce: {
      mode: 'window',
      key: line,
      maxEvents: 12,
      maxWait: '5s',
      bypassWhen: 'event.data.amount == 7',
    },
  },
  'debounce': { coalesce: { mode: 'debounce', key: line, maxEvents: 12, quiet: '2s', maxWait: '8s' } },
  'sliding': {
    coalesce: {
      mode: 'sliding',
      key: line,
      size: `${SLIDING.sizeSeconds}s`,
      every: `${SLIDING.everySeconds}s`,
    },
  },
  'overflow': {
    coalesce: { mode: 'window', maxEvents: 4, maxBytes: '5MiB', maxWait: '5s' },
    overflow: 's3',
  },
  'recurring': {
    coalesce: { mode: 'none' },
    dedupe: { key: 'event.data.key', retention: `${RECURRENCE_RETENTION_SECONDS}s` },
  },
  'recurring-window': {
    coalesce: { mode: 'window', maxEvents: 10, maxWait: '2s' },
    dedupe: { key: 'event.data.key', retention: `${RECURRENCE_RETENTION_SECONDS}s` },
  },
  'doomed': { coalesce: { mode: 'invocation', maxEvents: 10 } },
  'doomed-window': { coalesce: { mode: 'window', maxEvents: 10, maxWait: '4s' } },
  'executed': { coalesce: { mode: 'invocation', maxEvents: 10 } },
  'audit': { coalesce: { mode: 'invocation', maxEvents: 10 } },
};

/**
 * Each version has a deployment, a parameter, caps and a retention of its own, and most have a mode of their own. Their
 * windows are long, so that some are open while a redeploy puts another version in their place.
 */
const VERSIONS: Readonly<Record<RouteVersion, RouteDefinition>> = {
  a: {
    coalesce: { mode: 'window', key: line, maxEvents: 20, maxWait: '20s' },
    dedupe: { retention: '15d' },
  },
  b: { coalesce: { mode: 'window', key: line, maxEvents: 5, maxWait: '15s' }, dedupe: { retention: '2d' } },
  c: { coalesce: { mode: 'debounce', key: line, maxEvents: 8, quiet: '5s', maxWait: '20s' } },
  d: { coalesce: { mode: 'none' }, dedupe: { retention: '4d' } },
};

const MOST_EVENTS = 1_000;

const isRouteOfVersion = (name: RouteName): name is 'changed' => name === 'changed';

/** List every flow of the check. Its one deployment is `<flow>/chaos`. */
export const FLOWS: readonly FlowDefinition[] = [
  ...Object.entries(ROUTES).map(([name, definition]): FlowDefinition => {
    const route = name as Exclude<RouteName, 'changed'>;
    const isExecuted = route === 'executed';
    return {
      flow: `chaos-${route}`,
      route,
      version: null,
      parameter: 'orders',
      maxEvents: capOf(definition),
      isExecuted,
    };
  }),
  ...ROUTE_VERSIONS.map((version): FlowDefinition => ({
    flow: `chaos-changed-${version}`,
    route: 'changed',
    version,
    parameter: `orders_${version}`,
    maxEvents: capOf(VERSIONS[version]),
    isExecuted: false,
  })),
];

/** How long the claims of a route live, at least; longer than the check unless the keys of the route recur. */
export function retentionSeconds(route: RouteName): number {
  return route.startsWith('recurring') ? RECURRENCE_RETENTION_SECONDS : Infinity;
}

/** How many runs hold an event: one, or one for each sliding window that covers it. */
export function runsExpected(route: RouteName): number {
  return route === 'sliding' ? SLIDING.sizeSeconds / SLIDING.everySeconds : 1;
}

/** The `routes` of `sluice.yaml` while the route `changed` is in this version. */
export function routesConfiguration(
  version: RouteVersion,
  sources: readonly string[],
): Readonly<Record<string, unknown>> {
  const current = FLOWS.filter((flow) => flow.version === null || flow.version === version);
  return Object.fromEntries(
    current.map(({ flow, route, parameter }) => {
      const definition = isRouteOfVersion(route) ? VERSIONS[version] : ROUTES[route];
      const parameters = {
        [parameter]: 'events.map(e, e.data)',
        ...(isRouteOfVersion(route) && { version: `'${version}'` }),
      };
      return [
        route,
        {
          from: sources,
          when: route === 'audit' ? 'event.data.audit' : `event.type == "chaos.${route}"`,
          ...(definition.dedupe && { dedupe: definition.dedupe }),
          coalesce: definition.coalesce,
          run: {
            deployment: `${flow}/${DEPLOYMENT_NAME}`,
            ...(definition.overflow && { overflow: definition.overflow }),
            parameters,
          },
        },
      ];
    }),
  );
}

/** JSON Schema of the parameters of a flow, which Prefect enforces: poison is refused, and so is another version's content. */
export function parameterSchema({ parameter, version }: FlowDefinition): Readonly<Record<string, unknown>> {
  const orders = {
    type: 'array',
    items: { type: 'object', properties: { amount: { type: 'number' } } },
  };
  return {
    type: 'object',
    properties: { [parameter]: orders, ...(version && { version: { type: 'string', enum: [version] } }) },
    required: [parameter, ...(version === null ? [] : ['version'])],
  };
}

function capOf({ coalesce: { mode, maxEvents } }: RouteDefinition): number {
  return mode === 'none' ? 1 : (maxEvents ?? MOST_EVENTS);
}
