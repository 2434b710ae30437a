/** "Did you mean": the known name that is closest to a misspelt one. */

/** Return the closest of the names, or null when none is close. */
export function suggest(misspelt: string, names: readonly string[]): string | null {
  const plain = withoutStyle(misspelt);
  const sameLetters = names.find((name) => withoutStyle(name) === plain);
  if (sameLetters !== undefined) return sameLetters;
  let best: { name: string; distance: number } | null = null;
  for (const name of names) {
    const distance = editDistance(plain, withoutStyle(name));
    const closeEnough = distance <= Math.max(1, Math.floor(Math.max(plain.length, name.length) / 3));
    if (closeEnough && (best === null || distance < best.distance)) best = { name, distance };
  }
  return best === null ? null : best.name;
}

/** Write the fix for an unknown name. */
export function suggestOrList(misspelt: string, names: readonly string[], what: string): string {
  const meant = suggest(misspelt, names);
  if (meant !== null) return `did you mean ${meant}?`;
  return names.length === 0 ? `there are no ${what}` : `${what}: ${names.join(', ')}`;
}

/** `batch_size`, `batch-size` and `BatchSize` are spellings of `batchSize`. */
function withoutStyle(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbors count one each. */
function editDistance(left: string, right: string): number {
  const rows: number[][] = [];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i <= left.length; i++) {
    const row: number[] = [];
    rows.push(row);
    for (let j = 0; j <= right.length; j++) {
      if (i === 0 || j === 0) {
        row.push(i + j);
        continue;
      }
      const replaced = at(i - 1, j - 1) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
          ? at(i - 2, j - 2) + 1
          : Number.POSITIVE_INFINITY;
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped));
    }
  }
  return at(left.length, right.length);
}
