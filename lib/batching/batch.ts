/** A batch: events of one route that become one flow run, and the parameters that they make. */
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { Rejection } from '../event/record.ts';
import {
  countedSize,
  MAX_COUNTED_SIZE,
  renderParameters as toParametersJson,
} from '../prefect/parameters.ts';
import type { WindowSpan } from '../prefect/run-label.ts';
import { hasTemplateMarker } from '../prefect/wrapped-objects.ts';
import type { RunSubject } from '../expressions/expression.ts';
import type { RunWindow } from '../expressions/window-view.ts';
import { renderParameters, type RenderedParameter } from '../routing/parameters.ts';
import { evaluateRunOptions, NO_RUN_OPTIONS, type EvaluatedRunOptions } from '../routing/run-options.ts';
import { templateMarkerIn, type Route, type RoutedEvent } from '../routing/route.ts';
import type { Destination } from './batch-id.ts';
import { coalesce } from './coalesce.ts';
import { runWindowOf } from './run-window.ts';

export interface Batch<Routed extends RoutedEvent = RoutedEvent> {
  readonly route: Route;
  /** Oldest first; never empty. */
  readonly events: readonly Routed[];
  /** Straight to a flow run, or into a window first. */
  readonly destination: Destination;
  /** Why its run is not waited for any longer: a label of the run. */
  readonly reason: string;
  /** Set on what comes out of a window. */
  readonly span: WindowSpan | null;
  /** JSON text of the `parameters` object that all of them make; null: rendered when its run is created. */
  readonly parametersJson: string | null;
}

export type Parameters =
  | { readonly kind: 'rendered'; readonly parametersJson: string }
  /** Prefect is to get references in the place of some of them. `detail` says why. */
  | {
      readonly kind: 'overflowing';
      readonly parameters: ReadonlyMap<string, RenderedParameter>;
      readonly detail: string;
    }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

export interface FormedBatches<Routed extends RoutedEvent> {
  readonly batches: readonly Batch<Routed>[];
  /** Events that make no parameters even alone. */
  readonly rejected: readonly { readonly routed: Routed; readonly rejection: Rejection }[];
}

/**
 * Batches within the route's caps whose parameters Prefect can take, or gets references to. A batch whose parameters
 * are too large, or on which an expression fails, is halved until it fits or the event that is to blame stands alone.
 */
export function formBatches<Routed extends RoutedEvent>(
  route: Route,
  events: readonly Routed[],
): FormedBatches<Routed> {
  const batches: Batch<Routed>[] = [];
  const rejected: { routed: Routed; rejection: Rejection }[] = [];
  const { mode } = route.config.coalesce;
  const form = (group: readonly Routed[], reason: string): void => {
    const window = runWindowOf({ route, span: null, reason }, group);
    const options = runOptionsOf(route, group, window);
    const parameters = options.kind === 'rejected' ? options : parametersOf(route, group, window);
    if (parameters.kind !== 'rejected') {
      const parametersJson = parameters.kind === 'rendered' ? parameters.parametersJson : null;
      batches.push({ route, events: group, destination: 'run', reason, span: null, parametersJson });
      return;
    }
    const [first] = group;
    if (group.length === 1 && first !== undefined) {
      rejected.push({ routed: first, rejection: parameters.rejection });
      return;
    }
    const middle = Math.ceil(group.length / 2);
    form(group.slice(0, middle), reason);
    form(group.slice(middle), reason);
  };
  const dropsHeaders = isWindowing(route.config.coalesce) && !route.readsHeaders;
  const kept = dropsHeaders ? events.map(withoutHeaders) : events;
  for (const { events: group, destination } of coalesce(kept, route.config.coalesce)) {
    // An event that is too large to wait in a window becomes a run of its own at once.
    if (destination === 'run') form(group, isWindowing(route.config.coalesce) ? 'bytes' : mode);
    else batches.push({ route, events: group, destination, reason: mode, span: null, parametersJson: null });
  }
  return { batches, rejected };
}

/** What no expression of the route reads is not stored while the event waits. */
function withoutHeaders<Routed extends RoutedEvent>(routed: Routed): Routed {
  const { headers, ...event } = routed.event;
  return headers === undefined ? routed : { ...routed, event };
}

/** Evaluate the route's parameter expressions over these events. */
export function parametersOf(
  route: Route,
  events: readonly RoutedEvent[],
  window: RunWindow | null,
): Parameters {
  const rendered = renderParameters(route.parameters, runSubject(events, window));
  if (rendered.kind === 'rejected') return rendered;
  const { parameters } = rendered;
  const { overflow, templateMarkers } = route.config.run;
  const marked = templateMarkers === 'refuse' ? markedParameter(parameters) : undefined;
  if (marked !== undefined) {
    // The data of events were looked through before; expressions can make keys of values and of headers.
    return { kind: 'rejected', rejection: templateMarkerIn(`run.parameters.${marked}`) };
  }
  const parametersJson = toParametersJson(parameters);
  const size = countedSize(parametersJson);
  if (size <= MAX_COUNTED_SIZE) return { kind: 'rendered', parametersJson };
  const tooLarge = `the parameters are ${size} bytes as Prefect counts them, ${MAX_COUNTED_SIZE} are allowed`;
  if (overflow === 's3') return { kind: 'overflowing', parameters, detail: tooLarge };
  const detail = `${tooLarge}; pass less of the event to the flow, or write run.overflow: s3 on the route`;
  return { kind: 'rejected', rejection: { code: 'too-large', detail } };
}

/** Evaluate what else the run of these events is given. */
export function runOptionsOf(
  route: Route,
  events: readonly RoutedEvent[],
  window: RunWindow | null,
): EvaluatedRunOptions {
  if (route.options === null) return { kind: 'value', value: NO_RUN_OPTIONS };
  return evaluateRunOptions(route.options, runSubject(events, window));
}

function runSubject(events: readonly RoutedEvent[], window: RunWindow | null): RunSubject {
  return { events: events.map(({ event }) => event), window };
}

function markedParameter(parameters: ReadonlyMap<string, RenderedParameter>): string | undefined {
  return [...parameters].find(([, { text, as }]) => as === 'json' && hasTemplateMarker(text))?.[0];
}
