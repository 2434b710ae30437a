/** Routes of the crash test and the soak: what is special about each; the rest is the same for all. */
import type { CompiledCoalescing } from '../../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledRoute } from '../../lib/compiled-config/compiled.ts';
import { makeRoute } from '../support/builders/compiled-config.ts';

export interface FixtureRoute {
  readonly coalesce: CompiledCoalescing;
  /** Default: the name of the route. */
  readonly deployment?: string;
  /** The parameter that holds the events. Default: `orders`. */
  readonly parameter?: string;
  /** Default: the ids of events, for a day. */
  readonly dedupe?: CompiledRoute['dedupe'];
  /** Default: `refuse`. */
  readonly overflow?: CompiledRoute['run']['overflow'];
}

/** By their names. */
export type FixtureRoutes = Readonly<Record<string, FixtureRoute>>;

/** A deployment in Prefect whose runs have this parameter. */
export interface FixtureDeployment {
  readonly name: string;
  readonly parameter: string;
}

const DEFAULT_PARAMETER = 'orders';
const DEFAULT_DEDUPE = { key: 'event.data.id', retentionSeconds: 86_400 } as const;

export function deploymentOf(name: string, route: FixtureRoute): FixtureDeployment {
  return { name: route.deployment ?? name, parameter: route.parameter ?? DEFAULT_PARAMETER };
}

/** Prefect refuses an event whose `amount` is not an integer, and with it every run that holds it. */
export function parameterSchemaOf({ parameter }: FixtureDeployment): Readonly<Record<string, unknown>> {
  return {
    type: 'object',
    properties: {
      [parameter]: {
        type: 'array',
        items: { type: 'object', properties: { amount: { type: 'integer' } } },
      },
    },
    required: [parameter],
    additionalProperties: false,
  };
}

/** A route takes the events whose data name it: `{ "route": "…", "id": "…", "line": "…", "amount": 1 }`. */
export function compileFixtureRoute(
  name: string,
  fixtureRoute: FixtureRoute,
  { flow, from }: { readonly flow: string; readonly from: readonly string[] },
): CompiledRoute {
  const { coalesce, dedupe = DEFAULT_DEDUPE, overflow = 'refuse' } = fixtureRoute;
  const { name: deployment, parameter } = deploymentOf(name, fixtureRoute);
  const parameters = { [parameter]: { expression: 'events.map(e, e.data)', as: 'json' } } as const;
  return makeRoute({
    name,
    from: [...from],
    when: `event.data.route == "${name}"`,
    dedupe,
    coalesce,
    run: { ...makeRoute().run, flow, deployment, parameters, overflow },
  });
}
