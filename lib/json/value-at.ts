/** Look a path up in JSON that has not been checked yet. Only own keys count; return `undefined` where there are none. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    const inner: unknown = Reflect.get(value, step);
    return inner;
  }, root);
}
