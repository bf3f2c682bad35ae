import type { ClickHouseClient } from '@clickhouse/client';
import { membershipKey } from '@tributary/contracts';
import { scopedKey } from '@tributary/kernel';
import type { Comparison } from '../compare/comparison.js';
import { paged } from './rows.js';

interface Row {
  readonly workspace_id: string;
  readonly audience_key: string;
  readonly profile_id: string;
  /** 1: it was changed by time after the instant, so the table no longer has what was at the instant. */
  readonly later: 0 | 1;
}

const ROWS = `SELECT workspace_id, audience_key, profile_id,
    since > {at:DateTime64(3, 'UTC')} AND cause = 'time' AS later
  FROM audience_memberships FINAL
  WHERE (member OR later)
  AND (workspace_id, audience_key, profile_id) > ({workspace:String}, {audience:String}, {after:String})
  ORDER BY workspace_id, audience_key, profile_id`;
const BOTH = `SELECT m.key, m.profile, 1 AS said, r.key IS NOT NULL AS stored
    FROM memberships m LEFT JOIN member_rows r ON r.key = m.key WHERE m.member = 1
  UNION ALL SELECT r.key, r.profile, 0, 1
    FROM member_rows r LEFT JOIN memberships m ON m.key = r.key
    WHERE m.member IS NOT 1 AND NOT r.later`;

/** The table names the members that the topic names at an instant; windows that passed after it do not count. */
export async function compareMembershipsTable(
  comparison: Comparison,
  clickhouse: ClickHouseClient,
  at: number,
): Promise<void> {
  const { db } = comparison.scratch;
  db.exec(`DROP TABLE IF EXISTS member_rows;
    CREATE TABLE member_rows (key TEXT PRIMARY KEY, profile TEXT, later INT) WITHOUT ROWID`);
  const write = db.prepare('INSERT INTO member_rows VALUES (?, ?, ?)');
  const rows = paged<Row>(clickhouse, ROWS, (last) => ({
    at: new Date(at).toISOString().replace('T', ' ').replace('Z', ''),
    workspace: last?.workspace_id ?? '',
    audience: last?.audience_key ?? '',
    after: last?.profile_id ?? '',
  }));
  for await (const { workspace_id, audience_key, profile_id, later } of rows) {
    const key = membershipKey(workspace_id, audience_key, profile_id);
    write.run(key, scopedKey(workspace_id, profile_id), later);
  }
  interface Both {
    readonly key: string;
    readonly profile: string;
    readonly said: number;
    readonly stored: number;
  }
  for (const { key, profile, said, stored } of db.prepare(BOTH).iterate() as unknown as Iterable<Both>) {
    if (!comparison.isSampled(profile) || comparison.isLeftOut(profile)) continue;
    comparison.count('rows of members');
    if (said === stored) continue;
    comparison.differ({
      subject: 'audiences',
      key,
      where: 'table audience_memberships',
      expected: `${said === 1 ? 'in' : 'out'}, as the topic has it`,
      found: stored === 1 ? 'in' : 'out',
    });
  }
}
