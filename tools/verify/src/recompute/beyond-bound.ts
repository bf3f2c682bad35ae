import type { Scratch } from '../scratch.js';
import { LeftOut, ownProfile } from './left-out.js';

const STREAMED = `SELECT i.key, i.profile, i.reach, a.profile AS streamed
  FROM identifiers i LEFT JOIN assignments a ON a.key = i.key WHERE i.reach IS NOT NULL`;
const COMPONENTS = 'SELECT DISTINCT component FROM identifiers WHERE reach = ?';

interface Row {
  readonly key: string;
  readonly profile: string;
  readonly reach: number;
  readonly streamed: string | null;
}

/**
 * Of what hung together by more links than are kept, where somebody was told another profile than the log says. What was
 * left out stays so, although an earlier link may have gone since, so that both may be right.
 */
export function beyondBound(scratch: Scratch): LeftOut {
  const { db } = scratch;
  const differing = new Set<number>();
  for (const row of db.prepare(STREAMED).iterate() as unknown as Iterable<Row>) {
    if ((row.streamed ?? ownProfile(row.key)) !== row.profile) differing.add(row.reach);
  }
  const leftOut = new LeftOut(scratch);
  const find = db.prepare(COMPONENTS);
  for (const reach of differing) {
    for (const { component } of find.all(reach) as { component: number }[]) leftOut.add(component);
  }
  return leftOut;
}
