const MIN_BEGINNING = 4;

/**
 * The candidate that a misspelt name most likely meant: at most one letter away, else the only one that begins with it,
 * else at most two letters, or a third of it, away. Undefined where there is none. Case makes no difference.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < candidate.length && distance < (best?.distance ?? Infinity)) {
      best = { name: candidate, distance };
    }
  }
  if (best && best.distance <= 1) return best.name;
  return completed(name, candidates) ?? best?.name;
}

/** The only candidate that goes on where the name ends: the reader left out its unit or kind. */
function completed(name: string, candidates: readonly string[]): string | undefined {
  if (name.length < MIN_BEGINNING) return undefined;
  const found = candidates.filter((one) => one.toLowerCase().startsWith(name.toLowerCase()));
  return found.length === 1 ? found[0] : undefined;
}

/** Levenshtein's distance: the least number of letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** What to write in the place of a name that is not known: the nearest of the known ones, or else all of them. */
export function nameAdvice(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `known are ${known.join(', ')}` : `did you mean ${nearest}?`;
}
