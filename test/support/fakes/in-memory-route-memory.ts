import type { RouteMemory } from '../../../lib/routing/route-memory.ts';

/** Texts in a map, by source. */
export class InMemoryRouteMemory implements RouteMemory {
  readonly texts = new Map<string, string>();

  readRoutes(source: string): Promise<string | null> {
    return Promise.resolve(this.texts.get(source) ?? null);
  }

  replaceRoutes(source: string, before: string | null, after: string): Promise<'replaced' | 'changed'> {
    if ((this.texts.get(source) ?? null) !== before) return Promise.resolve('changed');
    this.texts.set(source, after);
    return Promise.resolve('replaced');
  }
}
