import { bytesOf, Components, IDENTITY_BOUNDS } from '@tributary/identity';
import { parseScopedKey } from '@tributary/kernel';
import type { Scratch } from '../scratch.js';
import { IS_ELIGIBLE } from './eligible.js';

interface Ends {
  readonly a: number;
  readonly b: number;
}

/**
 * Writes to each identifier the component of all who are joined by pairs that both ends accept; and its reach where
 * that has more pairs than the bound: all who were ever joined by any pair, but for those that have met too many.
 * Memory: twenty bytes an identifier.
 */
export function writeComponents(scratch: Scratch, tooManyPartners: ReadonlySet<number>): void {
  const { db } = scratch;
  const { last } = db.prepare('SELECT coalesce(max(id), 0) AS last FROM identifiers').get() as {
    last: number;
  };
  const components = new Components(last + 1);
  const eligible = db.prepare(`SELECT a, b FROM pairs p WHERE ${IS_ELIGIBLE}`).iterate();
  for (const { a, b } of eligible as unknown as Iterable<Ends>) components.join(a, b);
  const reaches = new Components(last + 1);
  for (const { a, b } of pairsOf(scratch))
    if (!tooManyPartners.has(a) && !tooManyPartners.has(b)) reaches.join(a, b);
  const isBeyond = beyondBound(scratch, reaches, last);
  const write = db.prepare('UPDATE identifiers SET component = ?, reach = ? WHERE id = ?');
  for (let id = 1; id <= last; id += 1) {
    const reach = reaches.leaderOf(id);
    write.run(components.leaderOf(id), isBeyond(reach) ? reach : null, id);
  }
  db.exec(`CREATE INDEX identifiers_by_component ON identifiers (component);
    CREATE INDEX identifiers_by_reach ON identifiers (reach) WHERE reach IS NOT NULL`);
}

const pairsOf = ({ db }: Scratch) =>
  db.prepare('SELECT a, b FROM pairs').iterate() as unknown as Iterable<Ends>;

/** Whether those of a reach may have had more links, or longer ones, than are kept of a component. */
function beyondBound(scratch: Scratch, reaches: Components, last: number): (reach: number) => boolean {
  const lengths = new Uint32Array(last + 1);
  for (const row of scratch.db.prepare('SELECT id, key FROM identifiers').iterate()) {
    const { id, key } = row as { id: number; key: string };
    lengths[id] = bytesOf(parseScopedKey(key).id);
  }
  const pairs = new Uint32Array(last + 1);
  const text = new Float64Array(last + 1);
  for (const { a, b } of pairsOf(scratch)) {
    const reach = reaches.leaderOf(a);
    if (reach !== reaches.leaderOf(b)) continue;
    pairs[reach] = (pairs[reach] ?? 0) + 1;
    text[reach] = (text[reach] ?? 0) + (lengths[a] ?? 0) + (lengths[b] ?? 0);
  }
  const { links, linkText } = IDENTITY_BOUNDS;
  return (reach) => (pairs[reach] ?? 0) > links || (text[reach] ?? 0) > linkText;
}
