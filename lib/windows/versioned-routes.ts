/** The routes that windows were opened for, whatever is deployed since. */
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { StaleConfigurationError } from '../routing/parameters.ts';
import { routeOf, type Route } from '../routing/route.ts';
import { routeOfVersion, routeVersionOf } from './route-version.ts';
import type { RouteVersionStore } from './window-ports.ts';

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
  const deployed = new Map(routes.map((route) => [routeVersionOf(route).version, route]));
  const found = new Map<string, VersionedRoute>();
  for (const version of new Set(wanted)) {
    const config = deployed.get(version);
    const route =
      config === undefined ? routeAsItWas(version, await versions.readVersion(version)) : routeOf(config);
    if (route !== null) found.set(version, { route, isDeployed: config !== undefined });
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
