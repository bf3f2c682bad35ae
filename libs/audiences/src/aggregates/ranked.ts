/**
 * The entries that come first in an order, so many at most, one for each key; plain JSON. All entries up to `limit` that ever
 * were are among them: behind it some may have been dropped. `last` stands for the place of the last entry; without a limit
 * nothing was dropped. What is behind the limit all the same did happen, and says nothing of its neighbours.
 */
export interface Ranked<E> {
  readonly entries: readonly E[];
  readonly limit?: E | 'last';
}

/** An order of entries, and how entries of one key become one. The result of a join never comes behind either of the two. */
export interface Ranking<E> {
  /** Negative where `a` comes first. Looks at nothing but what `placeOf` keeps. */
  compare(a: E, b: E): number;
  keyOf(entry: E): string;
  /** Associative and commutative. Answers with `a` itself where `b` brings nothing. */
  join(a: E, b: E): E;
  /** As much of an entry as `compare` looks at. */
  placeOf(entry: E): E;
}

/** Up to where all is known; undefined for everything. */
export function limitOf<E>({ entries, limit }: Ranked<E>): E | undefined {
  return limit === 'last' ? entries.at(-1) : limit;
}

/** Takes an entry in, and gives back the same object where that changes nothing. */
export function insert<E>(ranking: Ranking<E>, capacity: number, ranked: Ranked<E>, entry: E): Ranked<E> {
  const limit = limitOf(ranked);
  if (limit && ranking.compare(entry, limit) > 0) return ranked;
  const key = ranking.keyOf(entry);
  const at = ranked.entries.findIndex((one) => ranking.keyOf(one) === key);
  const known = ranked.entries[at];
  const next = known ? ranking.join(known, entry) : entry;
  if (next === known) return ranked;
  const others = known ? ranked.entries.filter((_, i) => i !== at) : ranked.entries;
  const place = others.findIndex((other) => ranking.compare(next, other) < 0);
  const split = place < 0 ? others.length : place;
  const entries = [...others.slice(0, split), next, ...others.slice(split)];
  // Of what is full, the last entry is the limit, whichever of those behind it were dropped.
  if (limit && entries.length === capacity) return { entries, limit: 'last' };
  return truncate(ranking, capacity, limited(ranking, entries, limit));
}

/** All entries of all of them: associative and commutative, and idempotent where `join` is. Nothing is dropped. */
export function unite<E>(ranking: Ranking<E>, all: readonly Ranked<E>[]): Ranked<E> {
  const [first, ...rest] = all;
  if (!first) return { entries: [] };
  if (rest.length === 0) return first;
  const byKey = new Map<string, E>();
  for (const entry of all.flatMap(({ entries }) => entries)) {
    const key = ranking.keyOf(entry);
    const known = byKey.get(key);
    byKey.set(key, known ? ranking.join(known, entry) : entry);
  }
  const entries = [...byKey.values()].sort((a, b) => ranking.compare(a, b));
  const limits = all
    .map((one) => limitOf(one))
    .filter((limit) => limit !== undefined)
    .sort((a, b) => ranking.compare(a, b));
  return limited(ranking, entries, limits[0]);
}

/** Drops what is behind so many entries. */
export function truncate<E>(ranking: Ranking<E>, capacity: number, ranked: Ranked<E>): Ranked<E> {
  const { entries } = ranked;
  if (entries.length <= capacity) return ranked;
  const kept = entries.slice(0, capacity);
  const limit = limitOf(ranked);
  const last = kept.at(-1);
  return limited(ranking, kept, limit && last && ranking.compare(limit, last) < 0 ? limit : last);
}

function limited<E>(ranking: Ranking<E>, entries: readonly E[], limit: E | undefined): Ranked<E> {
  if (!limit) return { entries };
  const last = entries.at(-1);
  const isLast = last && ranking.compare(limit, last) === 0;
  return { entries, limit: isLast ? 'last' : ranking.placeOf(limit) };
}
