import type { ClickHouseClient } from '@clickhouse/client';
import { scopedKey } from '@tributary/kernel';
import { hash } from 'node:crypto';
import type { Comparison } from '../compare/comparison.js';
import { jsonOf } from '../compare/json.js';
import { paged } from './rows.js';

interface Row {
  readonly workspace_id: string;
  readonly profile_id: string;
  readonly version: number;
  readonly at: number;
  readonly md5: string;
}

const ROWS = `SELECT workspace_id, profile_id, version, toUnixTimestamp64Milli(at) AS at, lower(hex(MD5(profile))) AS md5 FROM latest_profiles
  WHERE (workspace_id, profile_id) > ({workspace:String}, {after:String}) ORDER BY workspace_id, profile_id`;
const BOTH = `SELECT p.key, p.version, p.body, r.version AS rowVersion, r.at AS rowAt, r.md5
  FROM profiles p LEFT JOIN profile_rows r ON r.key = p.key`;

/** The table of profiles says what the topic says, to the letter. */
export async function compareProfilesTable(
  comparison: Comparison,
  clickhouse: ClickHouseClient,
): Promise<void> {
  const { db } = comparison.scratch;
  db.exec(`DROP TABLE IF EXISTS profile_rows;
    CREATE TABLE profile_rows (key TEXT PRIMARY KEY, version INTEGER, at INTEGER, md5 TEXT) WITHOUT ROWID`);
  const write = db.prepare('INSERT INTO profile_rows VALUES (?, ?, ?, ?)');
  const rows = paged<Row>(clickhouse, ROWS, (last) => ({
    workspace: last?.workspace_id ?? '',
    after: last?.profile_id ?? '',
  }));
  for await (const row of rows)
    write.run(scopedKey(row.workspace_id, row.profile_id), row.version, row.at, row.md5);
  interface Both {
    readonly key: string;
    readonly version: number;
    readonly body: Uint8Array;
    readonly rowVersion: number | null;
    readonly rowAt: number | null;
    readonly md5: string | null;
  }
  for (const { key, version, body, rowVersion, rowAt, md5 } of db
    .prepare(BOTH)
    .iterate() as unknown as Iterable<Both>) {
    if (!comparison.isSampled(key) || comparison.isLeftOut(key)) continue;
    comparison.count('rows of profiles');
    if (rowVersion === version && md5 === hash('md5', body, 'hex')) continue;
    // Time alone has changed computed traits since the topic was read.
    if (rowVersion === version && (rowAt ?? 0) > atOf(body)) continue;
    const found = rowVersion === version ? `version ${version} with another text` : `version ${rowVersion}`;
    comparison.differ({
      subject: 'profiles',
      key,
      where: 'table profiles',
      expected: `version ${version}, as the topic has it`,
      found: rowVersion === null ? 'no row' : found,
    });
  }
}

function atOf(body: Uint8Array): number {
  return Date.parse((jsonOf(body) as { readonly at: string }).at);
}
