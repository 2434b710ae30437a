/** Looks a path up in a configuration that has not been checked yet. */
import type { ProblemPath } from './problem.ts';

/** Of maps and lists, own keys only; undefined where there is none. */
export function valueAt(root: unknown, path: ProblemPath): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    const inner: unknown = Reflect.get(value, step);
    return inner;
  }, root);
}
