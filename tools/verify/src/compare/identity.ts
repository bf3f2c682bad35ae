import { TOPICS } from '@tributary/contracts';
import { ownProfile } from '../recompute/left-out.js';
import type { Comparison } from './comparison.js';

const WHERE = TOPICS.assignments.name;

interface Row {
  readonly id: number;
  readonly key: string;
  readonly expected: string;
  readonly component: number;
  readonly through: number | null;
  readonly profile: string | null;
  readonly version: number;
  readonly formerly: string;
  readonly resolvedThrough: number;
  readonly lastVersion: number;
}

const ROWS = `SELECT i.id, i.key, i.profile AS expected, i.component, t.through, a.profile, a.version, a.formerly,
    a.resolved_through AS resolvedThrough, a.last_version AS lastVersion
  FROM identifiers i LEFT JOIN through t ON t.id = i.id LEFT JOIN assignments a ON a.key = i.key`;

const STRANGERS = `SELECT key, profile FROM assignments a
  WHERE NOT EXISTS (SELECT 1 FROM identifiers i WHERE i.key = a.key)`;

/** Each identifier's assignment against the direct computation over all links. */
export function compareIdentity(comparison: Comparison): void {
  const { db } = comparison.scratch;
  const events = db.prepare(
    `SELECT partition || '/' || "offset" || ' ' || coalesce(message_id, deduplication_id) AS event FROM events WHERE identifier = ?
    ORDER BY "offset" DESC LIMIT 5`,
  );
  for (const row of db.prepare(ROWS).iterate() as unknown as Iterable<Row>) {
    if (!comparison.isSampled(row.expected)) continue;
    const reason = comparison.reasonToLeaveOut(row.component);
    if (reason !== undefined) {
      comparison.count(`identifiers ${reason}`);
      continue;
    }
    comparison.count('identifiers');
    const fault = faultOf(row);
    if (!fault) continue;
    comparison.differ({ subject: 'identity', key: row.key, where: WHERE, ...fault }, () =>
      (events.all(row.id) as { event: string }[]).map(({ event }) => event),
    );
  }
  for (const row of db.prepare(STRANGERS).iterate() as unknown as Iterable<{
    key: string;
    profile: string;
  }>) {
    if (comparison.latecomers.identifiers.has(row.key) || comparison.besideErased.identifiers.has(row.key))
      continue;
    const said = { expected: 'no assignment: the identifier is on no event', found: row.profile };
    comparison.differ({ subject: 'identity', key: row.key, where: WHERE, ...said });
  }
}

function faultOf(row: Row): { readonly expected: unknown; readonly found: unknown } | undefined {
  const own = ownProfile(row.key);
  if (row.profile === null) {
    return row.through === null && row.expected === own
      ? undefined
      : { expected: row.expected, found: 'no assignment' };
  }
  if (row.profile !== row.expected) return { expected: row.expected, found: row.profile };
  if (row.lastVersion < row.version) {
    return {
      expected: `version ${row.version} as the last record of the key`,
      found: `version ${row.lastVersion}, which compaction would keep`,
    };
  }
  const formerly = JSON.parse(row.formerly) as string[];
  if (!formerly.includes(own)) return { expected: `formerly holds ${own}`, found: formerly };
  if (row.through !== null && row.resolvedThrough < row.through) {
    return {
      expected: `resolved through ${row.through}, the last event with a partner new to it`,
      found: `resolved through ${row.resolvedThrough}`,
    };
  }
  return undefined;
}
