/** Group keys: what `coalesce.key` yielded, with a mark of its type. */

/** Keys of different types are different keys: `s:5`, `n:5`. */
const TYPE_MARK = ':';

/** The key as people see it, without the mark of its type; empty where the route has none. */
export function keyTextOf(groupKey: string): string {
  return groupKey.slice(groupKey.indexOf(TYPE_MARK) + 1);
}
