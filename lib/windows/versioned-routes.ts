/** The routes that windows were opened for, whatever is deployed since. */
import type { CompiledConfig } from '../config/compiled.ts';
import { StaleConfigurationError } from '../routing/parameters.ts';
import { routeOf, type Route } from '../routing/route.ts';
import { routeOfVersion, routeVersionOf } from './route-version.ts';
import type { RouteVersionStore } from './window-store.ts';

export interface VersionedRoute {
  readonly route: Route;
  readonly isDeployed: boolean;
}

/** By version: as they are deployed, or as they were. Those that cannot be understood (any more) are left out. */
export async function versionedRoutes(
  wanted: readonly string[],
  { routes }: Pick<CompiledConfig, 'routes'>,
  versions: Pick<RouteVersionStore, 'readVersion'>,
): Promise<ReadonlyMap<string, VersionedRoute>> {
  const found = new Map<string, VersionedRoute>();
  for (const route of routes) {
    found.set(routeVersionOf(route).version, { route: routeOf(route), isDeployed: true });
  }
  for (const version of new Set(wanted)) {
    if (found.has(version)) continue;
    const route = routeAsItWas(version, await versions.readVersion(version));
    if (route !== null) found.set(version, { route, isDeployed: false });
  }
  return found;
}

/** One that cannot be understood is not to stop the windows of the others. */
function routeAsItWas(version: string, routeJson: string | null): Route | null {
  try {
    return routeJson === null ? null : routeOfVersion(version, routeJson);
  } catch (error) {
    if (error instanceof StaleConfigurationError) return null;
    throw error;
  }
}
