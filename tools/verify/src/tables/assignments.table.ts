import type { ClickHouseClient } from '@clickhouse/client';
import { scopedKey } from '@tributary/kernel';
import type { Comparison } from '../compare/comparison.js';
import { paged } from './rows.js';

interface Row {
  readonly workspace_id: string;
  readonly identifier: string;
  readonly profile_id: string;
  readonly latest_version: number;
}

const ROWS = `SELECT workspace_id, identifier, profile_id, latest_version FROM current_assignments
  WHERE (workspace_id, identifier) > ({workspace:String}, {after:String}) ORDER BY workspace_id, identifier`;
const DIFFERENT = `SELECT a.key, a.profile, a.version, r.profile AS row, r.version AS rowVersion
  FROM assignments a LEFT JOIN assignment_rows r ON r.key = a.key`;

const LEFT = `SELECT r.key, r.profile FROM assignment_rows r
  WHERE NOT EXISTS (SELECT 1 FROM assignments a WHERE a.key = r.key)`;

/** The table of assignments says what the topic says, and nothing of whom that does not name. */
export async function compareAssignmentsTable(
  comparison: Comparison,
  clickhouse: ClickHouseClient,
): Promise<void> {
  const { db } = comparison.scratch;
  db.exec(`DROP TABLE IF EXISTS assignment_rows;
    CREATE TABLE assignment_rows (key TEXT PRIMARY KEY, profile TEXT, version INTEGER) WITHOUT ROWID`);
  const write = db.prepare('INSERT INTO assignment_rows VALUES (?, ?, ?)');
  const rows = paged<Row>(clickhouse, ROWS, (last) => ({
    workspace: last?.workspace_id ?? '',
    after: last?.identifier ?? '',
  }));
  for await (const row of rows) {
    const key = scopedKey(row.workspace_id, row.identifier);
    write.run(key, scopedKey(row.workspace_id, row.profile_id), row.latest_version);
  }
  interface Both {
    readonly key: string;
    readonly profile: string;
    readonly version: number;
    readonly row: string | null;
    readonly rowVersion: number | null;
  }
  for (const both of db.prepare(DIFFERENT).iterate() as unknown as Iterable<Both>) {
    const { key, profile, version } = both;
    if (!comparison.isSampled(profile) || comparison.isLeftOut(profile)) continue;
    comparison.count('rows of assignments');
    if (both.row === profile && both.rowVersion === version) continue;
    comparison.differ({
      subject: 'identity',
      key,
      where: 'table identity_assignments',
      expected: `${profile}, version ${version}, as the topic has it`,
      found: both.row === null ? 'no row' : `${both.row}, version ${both.rowVersion}`,
    });
  }
  for (const { key, profile } of db.prepare(LEFT).iterate() as unknown as Iterable<
    Pick<Both, 'key' | 'profile'>
  >)
    comparison.differ({
      ...{ subject: 'identity', key, where: 'table identity_assignments' },
      ...{ expected: 'no row: the topic has no assignment', found: profile },
    });
}
