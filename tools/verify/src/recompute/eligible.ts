import { bytesOf, eligibilityOfPartners, IDENTITY_BOUNDS } from '@tributary/identity';
import { parseScopedKey, type Identifier } from '@tributary/kernel';
import type { Scratch } from '../scratch.js';
import type { IdentityControl } from './control.js';

interface End {
  readonly me: number;
  readonly other: number;
  readonly firstSeen: number;
  /** Of the other. */
  readonly key: string;
}

/** Both ends of each pair, those of one identifier together. */
const ENDS = `SELECT a AS me, b AS other, p.first_seen AS firstSeen, key
    FROM pairs p CROSS JOIN identifiers ON id = b
  UNION ALL SELECT b, a, p.first_seen, key FROM pairs p CROSS JOIN identifiers ON id = a
  ORDER BY me`;
const TABLES = `CREATE INDEX pairs_by_b ON pairs (b, a, first_seen);
  CREATE TABLE refused (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;`;
const ALL_OF = `INSERT OR IGNORE INTO refused
  SELECT a, b FROM pairs WHERE a = ?1 UNION ALL SELECT a, b FROM pairs WHERE b = ?1`;

/** Of a pair `p`: neither of its ends refuses the other. */
export const IS_ELIGIBLE = 'NOT EXISTS (SELECT 1 FROM refused r WHERE r.a = p.a AND r.b = p.b)';

/**
 * Writes down which pairs join nobody because one of the two refuses the other, and answers with the identifiers that
 * have met more others than anybody may. Memory: the partners of one identifier, as many as the bound.
 */
export function evaluateEnds({ db }: Scratch, control: IdentityControl): ReadonlySet<number> {
  db.exec(TABLES);
  const keyOf = db.prepare('SELECT key FROM identifiers WHERE id = ?');
  const refuse = db.prepare('INSERT OR IGNORE INTO refused VALUES (?, ?)');
  const refuseAll = db.prepare(ALL_OF);
  const tooManyPartners = new Set<number>();
  const evaluate = (id: number, ends: readonly End[], areTooMany: boolean) => {
    if (areTooMany) {
      // Which others they are does not matter then, nor what the rules are.
      tooManyPartners.add(id);
      refuseAll.run(id);
      return;
    }
    const { key } = keyOf.get(id) as { readonly key: string };
    const { workspaceId, id: me } = parseScopedKey(key);
    const endOf = new Map(ends.map((end) => [parseScopedKey(end.key).id as Identifier, end] as const));
    const partners = new Map([...endOf].map(([partner, { firstSeen }]) => [partner, firstSeen]));
    for (const [partner, refusal] of eligibilityOfPartners(
      me as Identifier,
      partners,
      control.rulesOf(workspaceId),
    )) {
      const other = endOf.get(partner)?.other;
      if (refusal && other !== undefined) refuse.run(Math.min(id, other), Math.max(id, other));
    }
  };
  let ends: End[] = [];
  let [count, text] = [0, 0];
  const areTooMany = () => count > IDENTITY_BOUNDS.partners || text > IDENTITY_BOUNDS.partnerText;
  for (const end of db.prepare(ENDS).iterate() as unknown as Iterable<End>) {
    if (ends[0] && ends[0].me !== end.me) {
      evaluate(ends[0].me, ends, areTooMany());
      [ends, count, text] = [[], 0, 0];
    }
    count += 1;
    text += bytesOf(parseScopedKey(end.key).id);
    if (ends.length === 0 || !areTooMany()) ends.push(end);
  }
  if (ends[0]) evaluate(ends[0].me, ends, areTooMany());
  return tooManyPartners;
}
