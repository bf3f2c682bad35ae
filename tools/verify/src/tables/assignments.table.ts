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

/** The table of assignments says what the topic says; of who was deleted it says nothing, and the topic goes on. */
export async function compareAssignmentsTable(
  comparison: Comparison,
  clickhouse: ClickHouseClient,
  isErased: (key: string) => boolean,
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
    if (both.row === null && isErased(key)) continue;
    comparison.differ({
      subject: 'identity',
      key,
      where: 'table identity_assignments',
      expected: `${profile}, version ${version}, as the topic has it`,
      found: both.row === null ? 'no row' : `${both.row}, version ${both.rowVersion}`,
    });
  }
}
