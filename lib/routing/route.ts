/** A route with its expressions parsed: its filter, its keys and its parameters. */
import type { CompiledConfig, CompiledRoute } from '../compiled-config/compiled.ts';
import { isTombstone, type Event } from '../event/event.ts';
import type { Rejection } from '../event/record.ts';
import { TEMPLATE_MARKERS } from '../event/template-marker.ts';
import { memberOf, type Member } from './member.ts';
import {
  parseFilter,
  parseKey,
  type FailedEvaluation,
  type FilterExpression,
  type KeyExpression,
  type ParsedExpression,
  type Expression,
} from '../expressions/expression.ts';
import { parseParameters, StaleConfigurationError, type ParameterTemplate } from './parameters.ts';
import { parseRunOptions, type RunOptionTemplates } from './run-options.ts';

export interface Route {
  readonly config: CompiledRoute;
  readonly when: FilterExpression | null;
  readonly dedupeKey: KeyExpression | null;
  readonly coalesceKey: KeyExpression | null;
  readonly bypassWhen: FilterExpression | null;
  readonly parameters: ReadonlyMap<string, ParameterTemplate>;
  /** False if headers need not be stored with events that wait. */
  readonly readsHeaders: boolean;
  /** Null on routes without any. */
  readonly options: RunOptionTemplates | null;
}

/** An event on a route that it matches. */
export interface RoutedEvent {
  readonly event: Event;
  readonly member: Member;
  /** Events of one group may share a flow run. */
  readonly groupKey: string;
  /** The event does not wait in a window; false in modes without windows. */
  readonly bypass: boolean;
}

export type Match =
  | { readonly kind: 'matched'; readonly routed: RoutedEvent }
  | { readonly kind: 'unmatched' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** @throws {StaleConfigurationError} when the configuration was not compiled by this version. */
export function routesFrom(config: CompiledConfig, sourceName: string): readonly Route[] {
  return config.routes.filter((route) => route.from.includes(sourceName)).map(routeOf);
}

/** Match an event. It never throws: an expression that fails rejects the event, and is never a silent false. */
export function matchEvent(route: Route, event: Event): Match {
  const { config, when, dedupeKey, coalesceKey, bypassWhen } = route;
  // Tombstones are opt-in: only a filter that reads `event.tombstone` receives them.
  if (isTombstone(event) && when?.eventFields.has('tombstone') !== true) return { kind: 'unmatched' };
  const wanted = when?.evaluate(event) ?? { ok: true, value: true };
  if (!wanted.ok) return failed('when', wanted);
  if (!wanted.value) return { kind: 'unmatched' };
  if (event.hasTemplateMarker && config.run.templateMarkers === 'refuse')
    return { kind: 'rejected', rejection: templateMarkerIn('the data') };
  const dedupe = dedupeKey?.evaluate(event);
  if (dedupe?.ok === false) return failed('dedupe.key', dedupe);
  const group = coalesceKey?.evaluate(event) ?? { ok: true, value: '' };
  if (!group.ok) return failed('coalesce.key', group);
  const bypass = bypassWhen?.evaluate(event) ?? { ok: true, value: false };
  if (!bypass.ok) return failed('coalesce.bypassWhen', bypass);
  const identity = dedupe === undefined ? event.identity : ['key', dedupe.value];
  const member = memberOf(config.name, identity);
  return { kind: 'matched', routed: { event, member, groupKey: group.value, bypass: bypass.value } };
}

/** `place` holds an object with a key of `TEMPLATE_MARKERS`. */
export function templateMarkerIn(place: string): Rejection {
  return {
    code: 'template-marker',
    detail:
      `${place} has a key ${TEMPLATE_MARKERS.join(' or ')}: Prefect would render the object as a template, or load a ` +
      'block in its place; set run.templateMarkers: escape on the route to pass it on as data',
  };
}

function failed(field: string, { code, message }: FailedEvaluation): Match {
  return { kind: 'rejected', rejection: { code, detail: `${field}: ${message}` } };
}

export function routeOf(config: CompiledRoute): Route {
  const { when, dedupe, coalesce, run } = config;
  const coalesceKey = coalesce.mode === 'none' ? null : coalesce.key;
  const bypassWhen = 'bypassWhen' in coalesce ? coalesce.bypassWhen : null;
  return {
    config,
    when: when === null ? null : parsed(config.name, 'when', parseFilter(when)),
    dedupeKey: dedupe.key === null ? null : parsed(config.name, 'dedupe.key', parseKey(dedupe.key)),
    coalesceKey: coalesceKey === null ? null : parsed(config.name, 'coalesce.key', parseKey(coalesceKey)),
    bypassWhen:
      bypassWhen === null ? null : parsed(config.name, 'coalesce.bypassWhen', parseFilter(bypassWhen)),
    parameters: parseParameters(run.parameters),
    readsHeaders: HEADER_FIELD.test(JSON.stringify([when, dedupe, coalesce, run])),
    options: run.options === undefined ? null : parseRunOptions(run.options),
  };
}

/** In whichever expression it is. */
const HEADER_FIELD = /\bheader(?:s|_values|s_base64)\b/;

function parsed<Subject, Value>(
  route: string,
  field: string,
  result: ParsedExpression<Subject, Value>,
): Expression<Subject, Value> {
  if (result.ok) return result.expression;
  throw new StaleConfigurationError(`route ${route}, ${field}: ${result.message}; redeploy`);
}
