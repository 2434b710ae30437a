/** A route as it was when a window was opened: the window is flushed under it, whatever was deployed since. */
import { hash } from 'node:crypto';
import type { CompiledRoute } from '../compiled-config/compiled.ts';
import { routeOf, type Route } from '../routing/route.ts';

export interface RouteVersion {
  /** First 16 hex digits of the SHA-256 of what a flush depends on: `from` and `when` may change without a new version. */
  readonly version: string;
  readonly routeJson: string;
}

export function routeVersionOf(route: CompiledRoute): RouteVersion {
  const { name, dedupe, coalesce, run } = route;
  const flushed = JSON.stringify([name, dedupe.retentionSeconds, coalesce, run]);
  return { version: hash('sha256', flushed, 'hex').slice(0, 16), routeJson: JSON.stringify(route) };
}

/**
 * Parse a stored version. Returns null when it is not what its name says.
 * @throws when this version of Sluice does not understand it.
 */
export function routeOfVersion(version: string, storedRouteJson: string): Route | null {
  // It was written by Sluice, and its hash shows that it was not changed since.
  const config = JSON.parse(storedRouteJson) as CompiledRoute;
  return routeVersionOf(config).version === version ? routeOf(config) : null;
}
