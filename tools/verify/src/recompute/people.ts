import { DEFAULT_RULES, resolveAll, type Occurrence } from '@tributary/identity';
import { parseScopedKey, profileIdOf, scopedKey, type Identifier } from '@tributary/kernel';
import type { Scratch } from '../scratch.js';

interface Member {
  readonly id: number;
  readonly key: string;
  readonly firstSeen: number;
  readonly component: number;
}

interface SeenPair {
  readonly a: number;
  readonly b: number;
  readonly firstSeen: number;
  readonly component: number;
}

/**
 * Writes to each identifier the component of all who are joined by any pair, and the profile that the direct
 * computation over the component gives it. Memory: four bytes an identifier, and the largest component.
 */
export function resolvePeople(scratch: Scratch): void {
  writeComponents(scratch);
  writeProfiles(scratch);
  scratch.db.exec(`CREATE INDEX identifiers_by_profile ON identifiers (profile); ${THROUGH}`);
}

/** The last event of each identifier that bore a partner new to it. */
const THROUGH = `CREATE TABLE through AS
  SELECT id, max("offset") AS through FROM (
    SELECT a AS id, through_a AS "offset" FROM pairs WHERE through_a IS NOT NULL
    UNION ALL SELECT b, through_b FROM pairs WHERE through_b IS NOT NULL
  ) GROUP BY id;
  CREATE UNIQUE INDEX through_by_id ON through (id)`;

function writeComponents({ db }: Scratch): void {
  const { last } = db.prepare('SELECT coalesce(max(id), 0) AS last FROM identifiers').get() as {
    last: number;
  };
  const parents = Int32Array.from({ length: last + 1 }, (_, id) => id);
  for (const row of db.prepare('SELECT a, b FROM pairs').iterate()) {
    const { a, b } = row as { a: number; b: number };
    const [x, y] = [rootOf(parents, a), rootOf(parents, b)];
    parents[Math.max(x, y)] = Math.min(x, y);
  }
  const write = db.prepare('UPDATE identifiers SET component = ? WHERE id = ?');
  for (let id = 1; id <= last; id += 1) write.run(rootOf(parents, id), id);
  db.exec('CREATE INDEX identifiers_by_component ON identifiers (component)');
}

/** Path halving: Tarjan and van Leeuwen, 1984. */
function rootOf(parents: Int32Array, of: number): number {
  let id = of;
  for (let parent = parents[id] ?? id; parent !== id; parent = parents[id] ?? id) {
    const next = parents[parent] ?? parent;
    parents[id] = next;
    id = next;
  }
  return id;
}

function writeProfiles({ db }: Scratch): void {
  const write = db.prepare('UPDATE identifiers SET profile = ? WHERE id = ?');
  const members = db.prepare(
    'SELECT id, key, first_seen AS firstSeen, component FROM identifiers ORDER BY component',
  );
  const pairs = db.prepare(
    `SELECT p.a, p.b, p.first_seen AS firstSeen, i.component FROM pairs p JOIN identifiers i ON i.id = p.a
    WHERE i.component = ?`,
  );
  const resolve = (component: readonly Member[]) => {
    const [first] = component;
    if (!first) return;
    const seen = component.length > 1 ? (pairs.all(first.component) as unknown as SeenPair[]) : [];
    for (const [id, profile] of profilesOf(component, seen)) write.run(profile, id);
  };
  let component: Member[] = [];
  for (const row of members.iterate() as unknown as Iterable<Member>) {
    if (component[0] && component[0].component !== row.component) {
      resolve(component);
      component = [];
    }
    component.push(row);
  }
  resolve(component);
}

function* profilesOf(
  members: readonly Member[],
  pairs: readonly SeenPair[],
): Iterable<readonly [number, string]> {
  const names = new Map(members.map(({ id, key }) => [id, parseScopedKey(key)]));
  const idOf = (id: number) => names.get(id)?.id as Identifier;
  const occurrences: Occurrence[] = [
    ...members.map(({ id, firstSeen }) => ({ identifiers: [idOf(id)], receivedAt: firstSeen })),
    ...pairs.map(({ a, b, firstSeen }) => ({ identifiers: [idOf(a), idOf(b)], receivedAt: firstSeen })),
  ];
  const named = resolveAll(occurrences, DEFAULT_RULES);
  for (const [id, { workspaceId, id: identifier }] of names) {
    const first = named.get(identifier as Identifier) ?? identifier;
    yield [id, scopedKey(workspaceId, profileIdOf(workspaceId, first))];
  }
}
