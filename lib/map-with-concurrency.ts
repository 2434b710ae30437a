/**
 * `work` for each item, at most `limit` at a time; results in the order of the items. After a failure nothing
 * new is started, and the first error is thrown only when all that was started has ended: nothing goes on
 * behind the back of an invocation that is over.
 */
export async function mapWithConcurrency<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>();
  const errors: unknown[] = [];
  const pending = items.entries();
  const drain = async (): Promise<void> => {
    for (const [index, item] of pending) {
      try {
        results.set(index, await work(item));
      } catch (error) {
        errors.push(error);
      }
      if (errors.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, drain));
  if (errors.length > 0) throw errors[0];
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}

/** Consecutive pieces of at most `size` items. */
export function pieces<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
