import { earliest, IDENTITY_BOUNDS, pairOf, resolveSeen } from '@tributary/identity';
import { parseScopedKey, profileIdOf, scopedKey, type Identifier } from '@tributary/kernel';
import type { Scratch } from '../scratch.js';
import { writeComponents } from './components.js';
import type { IdentityControl } from './control.js';
import { IS_ELIGIBLE, evaluateEnds } from './eligible.js';

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
}

/**
 * Writes to each identifier the component of all who are joined by pairs that both ends accept, and the profile that
 * the direct computation over the component gives it. Memory: twenty bytes an identifier, the members of the largest
 * component, and as many of its pairs as may decide.
 */
export function resolvePeople(scratch: Scratch, control: IdentityControl): void {
  writeComponents(scratch, evaluateEnds(scratch, control));
  writeProfiles(scratch, control);
  scratch.db.exec(`CREATE INDEX identifiers_by_profile ON identifiers (profile); ${THROUGH}`);
}

/** The last event of each identifier that bore a partner new to it. */
const THROUGH = `CREATE TABLE through AS
  SELECT id, max("offset") AS through FROM (
    SELECT a AS id, through_a AS "offset" FROM pairs WHERE through_a IS NOT NULL
    UNION ALL SELECT b, through_b FROM pairs WHERE through_b IS NOT NULL
  ) GROUP BY id;
  CREATE UNIQUE INDEX through_by_id ON through (id)`;

const MEMBERS = 'SELECT id, key, first_seen AS firstSeen, component FROM identifiers ORDER BY component';
/** Of a component; no others begin or end in it. */
const PAIRS = `SELECT p.a, p.b, p.first_seen AS firstSeen FROM identifiers i CROSS JOIN pairs p ON p.a = i.id
  WHERE i.component = ? AND ${IS_ELIGIBLE} ORDER BY p.first_seen`;

function writeProfiles({ db }: Scratch, control: IdentityControl): void {
  const write = db.prepare('UPDATE identifiers SET profile = ? WHERE id = ?');
  const pairs = db.prepare(PAIRS);
  const resolve = (component: readonly Member[]) => {
    const [first] = component;
    if (!first) return;
    const seen = component.length > 1 ? pairs.iterate(first.component) : [];
    const deciding = decidingOf(seen as unknown as Iterable<SeenPair>);
    for (const [id, profile] of profilesOf(component, deciding, control)) write.run(profile, id);
  };
  let component: Member[] = [];
  for (const row of db.prepare(MEMBERS).iterate() as unknown as Iterable<Member>) {
    if (component[0] && component[0].component !== row.component) {
      resolve(component);
      component = [];
    }
    component.push(row);
  }
  resolve(component);
}

/** Of pairs in the order of their first occurrence: what comes behind as many as are kept decides nothing. */
function decidingOf(pairs: Iterable<SeenPair>): readonly SeenPair[] {
  const deciding: SeenPair[] = [];
  for (const pair of pairs) {
    const last = deciding[IDENTITY_BOUNDS.links];
    if (last && pair.firstSeen > last.firstSeen) break;
    deciding.push(pair);
  }
  return deciding;
}

function* profilesOf(
  members: readonly Member[],
  pairs: readonly SeenPair[],
  control: IdentityControl,
): Iterable<readonly [number, string]> {
  const { workspaceId } = parseScopedKey(members[0]?.key ?? '');
  const ids = new Map(members.map(({ id, key }) => [id, parseScopedKey(key).id as Identifier]));
  const idOf = (id: number) => ids.get(id) ?? ('' as Identifier);
  const firstSeen = new Map(members.map((member) => [idOf(member.id), member.firstSeen]));
  const links = pairs.map(({ a, b, firstSeen: at }) => ({ pair: pairOf(idOf(a), idOf(b)), firstSeen: at }));
  const rules = control.rulesOf(workspaceId);
  // Evaluated once more by the partners that are left, of which none is refused then that was not before.
  const { named } = resolveSeen(
    firstSeen,
    earliest(links, rules.bounds).kept,
    rules,
    control.splitsAmong(workspaceId, ids.values()),
  );
  for (const [id, identifier] of ids) {
    const first = named.get(identifier) ?? identifier;
    yield [id, scopedKey(workspaceId, profileIdOf(workspaceId, first))];
  }
}
