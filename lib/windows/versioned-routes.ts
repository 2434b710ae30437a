/** Fetch and keep the routes that windows were opened under, whatever was deployed since. */
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { routeOf, type Route } from '../routing/route.ts';
import { routeOfVersion, routeVersionOf } from './route-version.ts';
import type { RouteVersionStore } from './window-ports.ts';

export interface VersionedRoute {
  readonly route: Route;
  readonly isDeployed: boolean;
}

/** One per invocation: each version is read at most once. */
export class VersionedRoutes {
  readonly #versions: Pick<RouteVersionStore, 'readVersion'>;
  readonly #found = new Map<string, Promise<VersionedRoute | null>>();

  constructor({ routes }: Pick<CompiledConfig, 'routes'>, versions: Pick<RouteVersionStore, 'readVersion'>) {
    this.#versions = versions;
    for (const config of routes) {
      const { version } = routeVersionOf(config);
      this.#deployed.set(version, () => ({ route: routeOf(config), isDeployed: true }));
    }
  }

  readonly #deployed = new Map<string, () => VersionedRoute>();

  /**
   * Find a route as it is deployed, or as it was. Returns null for one that this version of Sluice does not understand,
   * or that is not there: it must not stop the windows of other routes.
   */
  async find(version: string): Promise<VersionedRoute | null> {
    const known = this.#found.get(version) ?? this.#find(version);
    this.#found.set(version, known);
    return await known;
  }

  async #find(version: string): Promise<VersionedRoute | null> {
    const deployed = this.#deployed.get(version);
    if (deployed !== undefined) return deployed();
    const routeJson = await this.#versions.readVersion(version);
    const route = routeJson === null ? null : parseOrNull(version, routeJson);
    return route === null ? null : { route, isDeployed: false };
  }
}

/** A route that an older Sluice stored may lack fields that this one reads: anything thrown means "not understood". */
function parseOrNull(version: string, routeJson: string): Route | null {
  try {
    return routeOfVersion(version, routeJson);
  } catch {
    return null;
  }
}
