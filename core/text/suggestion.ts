/**
 * The nearest right name, for error messages: at most a third of the word wrong. Two neighbours that changed places count as
 * one mistake, as in Damerau's distance (CACM 7, 3, 1964; its restricted form): fingers do that as often as miss a key.
 */
export function suggestionFor(name: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.floor(Math.max(name.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A sentence part to append to an error: `, did you mean …?` or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = suggestionFor(name, candidates);
  return found === null ? '' : `, did you mean \`${found}\`?`;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          substitution,
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          swapped ? (before[column - 2] ?? 0) + 1 : limit,
        ),
      );
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? limit;
}
