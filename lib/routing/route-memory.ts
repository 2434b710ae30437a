/**
 * Remember the routes of a source across deployments. An event that was accepted while a route wanted it is owed to that
 * route: when the route is removed before the event leaves its queue or topic, the event is dead-lettered with a code of
 * its own, and not filtered without a trace.
 */
import type { CompiledRoute } from '../compiled-config/compiled.ts';
import { isObject, isString, parseJson } from '../json/untrusted-json.ts';
import type { RemovedRoute } from './match-routes.ts';
import { routeOf, type Route } from './route.ts';

/** What the table keeps for each source: one small text, read once by an execution environment. */
export interface RouteMemory {
  /** Returns null when nothing was stored. Throws when it could not be read. */
  readRoutes(source: string): Promise<string | null>;
  /** Replace what was read. Throws when it could not be written. */
  replaceRoutes(source: string, before: string | null, after: string): Promise<'replaced' | 'changed'>;
}

interface RememberedRoute {
  readonly config: CompiledRoute;
  /** Null while the route is deployed. */
  readonly removedAtEpochMs: number | null;
}

/** A queue or topic keeps events for two weeks at most; a day is for clocks and slow deployments. */
const MEMORY_MS = 15 * 86_400_000;

/**
 * Read which routes of the source were removed lately, and store which ones it has now.
 * @throws when the table cannot be used.
 */
export async function recallRemovedRoutes(
  source: string,
  deployed: readonly Route[],
  memory: RouteMemory,
  nowEpochMs: number,
): Promise<readonly RemovedRoute[]> {
  for (;;) {
    const before = await memory.readRoutes(source);
    const remembered = before === null ? [] : parseRemembered(before);
    const now = updateMemory(
      remembered,
      deployed.map(({ config }) => config),
      nowEpochMs,
    );
    const after = JSON.stringify(now);
    if (after === before || (await memory.replaceRoutes(source, before, after)) === 'replaced') {
      return now.flatMap(toRemovedRoute);
    }
  }
}

export function updateMemory(
  remembered: readonly RememberedRoute[],
  deployed: readonly CompiledRoute[],
  nowEpochMs: number,
): readonly RememberedRoute[] {
  const names = new Set(deployed.map(({ name }) => name));
  const removed = remembered
    .filter(({ config }) => !names.has(config.name))
    .map(({ config, removedAtEpochMs }) => ({ config, removedAtEpochMs: removedAtEpochMs ?? nowEpochMs }))
    .filter(({ removedAtEpochMs }) => nowEpochMs - removedAtEpochMs < MEMORY_MS);
  return [...deployed.map((config) => ({ config, removedAtEpochMs: null })), ...removed];
}

/** What an older or newer version of Sluice stored and this one cannot read is forgotten. */
function parseRemembered(text: string): readonly RememberedRoute[] {
  const list = parseJson(text);
  return Array.isArray(list) ? list.filter(isRemembered) : [];
}

function isRemembered(value: unknown): value is RememberedRoute {
  if (!isObject(value) || !isObject(value['config']) || !isString(value['config']['name'])) return false;
  return value['removedAtEpochMs'] === null || typeof value['removedAtEpochMs'] === 'number';
}

function toRemovedRoute({ config, removedAtEpochMs }: RememberedRoute): readonly RemovedRoute[] {
  if (removedAtEpochMs === null) return [];
  try {
    return [{ route: routeOf(config), removedAtEpochMs }];
  } catch {
    return [];
  }
}
