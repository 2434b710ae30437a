/** Say step by step what the routes would make of an event, without AWS and without Prefect. */
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import { isTombstone, type Event } from '../../lib/event/event.ts';
import { matchEvent, routesFrom, type Route } from '../../lib/routing/route.ts';
import { unmetFilterOf } from '../../lib/routing/unmet-filter.ts';
import { rehearse, type RehearsedSample, type Rehearsal } from '../rehearsal/rehearse.ts';

export interface EventExplanation {
  /** Null where there is no event: the endpoint refuses the request, or the record cannot be decoded. */
  readonly event: { readonly id: string; readonly source: string; readonly type: string } | null;
  readonly steps: readonly string[];
}

export interface SampleExplanation {
  readonly explanations: readonly EventExplanation[];
  readonly runs: Rehearsal['runs'];
}

/** `routeName` limits the explanation to one route. */
export async function explainSample(
  config: CompiledConfig,
  sample: RehearsedSample,
  routeName: string | null,
): Promise<SampleExplanation> {
  const rehearsal = await rehearse(config, [sample]);
  const isAsked = (route: string | null): boolean =>
    routeName === null || route === null || route === routeName;
  const events = rehearsal.events.get(sample.index) ?? [];
  const undecoded = rehearsal.trouble.flatMap((trouble) => {
    if (trouble.kind === 'refused') {
      return [`The endpoint would refuse it: ${trouble.rejection.code}: ${trouble.rejection.detail}`];
    }
    if (trouble.route !== null || events.length > 0) return [];
    return [
      `It would be dead-lettered before any route sees it: ${trouble.rejection.code}: ${trouble.rejection.detail}`,
    ];
  });
  const routes = routesFrom(config, sample.source).filter(({ config: { name } }) => isAsked(name));
  return {
    explanations: [
      ...undecoded.map((step): EventExplanation => ({ event: null, steps: [step] })),
      ...events.map((event): EventExplanation => {
        const { id, source, type } = event;
        return { event: { id, source, type }, steps: stepsOf(event, routes) };
      }),
    ],
    runs: rehearsal.runs.filter(({ route }) => isAsked(route)),
  };
}

function stepsOf(event: Event, routes: readonly Route[]): readonly string[] {
  if (routes.length === 0) return ['No route reads its source.'];
  return routes.map((route) => `${route.config.name}: ${stepOf(event, route)}`);
}

function stepOf(event: Event, route: Route): string {
  const match = matchEvent(route, event);
  switch (match.kind) {
    case 'unmatched':
      return filteredText(event, route);
    case 'rejected':
      return `dead-lettered: ${match.rejection.code}: ${match.rejection.detail}`;
    case 'matched': {
      const { member, groupKey, bypass } = match.routed;
      const key = route.dedupeKey?.evaluate(event);
      const identity = key?.ok === true ? `the key ${keyText(key.value)}` : 'the identity of its source';
      const group =
        groupKey === '' ? '' : `; it shares flow runs with events of the key ${keyText(groupKey)}`;
      const closes = bypass ? '; it closes its window at once' : '';
      return `matches, known by ${identity} (claim ${member.claimKey})${group}${closes}`;
    }
  }
}

function filteredText(event: Event, route: Route): string {
  if (isTombstone(event) && route.when?.eventFields.has('tombstone') !== true) {
    return 'filtered, since tombstones are opt-in: only a `when` that reads event.tombstone receives them';
  }
  const { clause, saw = {}, absent = [] } = unmetFilterOf(route, event) ?? {};
  const seen = [
    ...Object.entries(saw).map(([field, value]) => `${field} is ${JSON.stringify(value)}`),
    ...absent.map((field) => `there is no ${field}`),
  ];
  const because = seen.length === 0 ? '' : ` (${seen.join(', ')})`;
  return `filtered, since ${clause ?? route.config.when ?? 'its filter'} is not true${because}`;
}

/** Keys are `s:text`, `n:5` or `b:true`. */
function keyText(key: string): string {
  return key.startsWith('s:') ? JSON.stringify(key.slice(2)) : key.slice(2);
}
