import { describe, expect, it } from 'vitest';
import type { RouteMemory } from '../../lib/routing/route-memory.ts';

/** What every RouteMemory promises. `makeMemory` gives an empty one. */
export function defineRouteMemoryContract(name: string, makeMemory: () => Promise<RouteMemory>): void {
  describe(`${name} as a route memory`, () => {
    it('knows nothing of a source before something was stored for it', async () => {
      const memory = await makeMemory();

      expect(await memory.readRoutes('jobs')).toBeNull();
      expect(await memory.replaceRoutes('jobs', null, '["é 💧"]')).toBe('replaced');
      expect(await memory.readRoutes('jobs')).toBe('["é 💧"]');
      expect(await memory.readRoutes('other')).toBeNull();
    });

    it('replaces only what was read, so that of many writers one wins', async () => {
      const memory = await makeMemory();
      await memory.replaceRoutes('jobs', null, 'first');

      expect(await memory.replaceRoutes('jobs', null, 'again')).toBe('changed');
      expect(await memory.replaceRoutes('jobs', 'other', 'again')).toBe('changed');
      const results = await Promise.all(
        ['a', 'b', 'c'].map((text) => memory.replaceRoutes('jobs', 'first', text)),
      );
      expect(results.toSorted()).toEqual(['changed', 'changed', 'replaced']);
    });
  });
}
