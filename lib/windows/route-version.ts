/** A route as it was when a window was opened: the window is flushed under it, whatever is deployed since. */
import { hash } from 'node:crypto';
import type { CompiledRoute } from '../compiled-config/compiled.ts';
import { routeOf, type Route } from '../routing/route.ts';

export interface RouteVersion {
  /** First 16 hex digits of the SHA-256 of the route. */
  readonly version: string;
  readonly routeJson: string;
}

export function routeVersionOf(route: CompiledRoute): RouteVersion {
  const routeJson = JSON.stringify(route);
  return { version: hash('sha256', routeJson, 'hex').slice(0, 16), routeJson };
}

/**
 * A stored version as a route; null when it is not what its name says.
 * @throws {StaleConfigurationError} when this version of Sluice does not understand it.
 */
export function routeOfVersion(version: string, storedRouteJson: string): Route | null {
  // It was written by Sluice, and its hash shows that nobody has touched it since.
  const config = JSON.parse(storedRouteJson) as CompiledRoute;
  return routeVersionOf(config).version === version ? routeOf(config) : null;
}
