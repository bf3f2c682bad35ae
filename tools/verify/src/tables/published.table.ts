import type { ClickHouseClient } from '@clickhouse/client';
import { accountKey } from '@tributary/contracts';
import { scopedKey } from '@tributary/kernel';
import { hash } from 'node:crypto';
import { isAccountMoving } from '../compare/accounts.js';
import type { Comparison } from '../compare/comparison.js';
import { jsonOf } from '../compare/json.js';
import { paged } from './rows.js';

interface Row {
  readonly workspace_id: string;
  readonly id: string;
  readonly version: number;
  readonly at: number;
  readonly md5: string;
}

/** What is published whole, and how its rows are named. */
const PUBLISHED = {
  profiles: { view: 'latest_profiles', id: 'profile_id', text: 'profile', keyOf: scopedKey },
  accounts: { view: 'latest_accounts', id: 'group_id', text: 'account', keyOf: accountKey },
} as const;

export const PUBLISHED_TABLES = Object.keys(PUBLISHED) as readonly (keyof typeof PUBLISHED)[];

const rowsOf = ({ view, id, text }: (typeof PUBLISHED)[keyof typeof PUBLISHED]) =>
  `SELECT workspace_id, ${id} AS id, version, toUnixTimestamp64Milli(at) AS at, lower(hex(MD5(${text}))) AS md5
  FROM ${view} WHERE (workspace_id, ${id}) > ({workspace:String}, {after:String}) ORDER BY workspace_id, ${id}`;

/** The table of profiles, or of accounts, says what the topic says, to the letter. */
export async function comparePublishedTable(
  comparison: Comparison,
  clickhouse: ClickHouseClient,
  table: keyof typeof PUBLISHED,
): Promise<void> {
  const { db } = comparison.scratch;
  db.exec(`DROP TABLE IF EXISTS published_rows;
    CREATE TABLE published_rows (key TEXT PRIMARY KEY, version INTEGER, at INTEGER, md5 TEXT) WITHOUT ROWID`);
  const write = db.prepare('INSERT INTO published_rows VALUES (?, ?, ?, ?)');
  const rows = paged<Row>(clickhouse, rowsOf(PUBLISHED[table]), (last) => ({
    workspace: last?.workspace_id ?? '',
    after: last?.id ?? '',
  }));
  for await (const { workspace_id, id, version, at, md5 } of rows)
    write.run(PUBLISHED[table].keyOf(workspace_id, id), version, at, md5);
  interface Both {
    readonly key: string;
    readonly version: number;
    readonly body: Uint8Array;
    readonly rowVersion: number | null;
    readonly rowAt: number | null;
    readonly md5: string | null;
  }
  const isLeftOut = (key: string) =>
    table === 'accounts' ? isAccountMoving(comparison, key) : comparison.isLeftOut(key);
  const both = db.prepare(`SELECT p.key, p.version, p.body, r.version AS rowVersion, r.at AS rowAt, r.md5
    FROM ${table} p LEFT JOIN published_rows r ON r.key = p.key`);
  for (const { key, version, body, rowVersion, rowAt, md5 } of both.iterate() as unknown as Iterable<Both>) {
    if (!comparison.isSampled(key) || isLeftOut(key)) continue;
    comparison.count(`rows of ${table}`);
    if (rowVersion === version && md5 === hash('md5', body, 'hex')) continue;
    // Time alone has changed computed traits since the topic was read.
    if (rowVersion === version && (rowAt ?? 0) > atOf(body)) continue;
    const found = rowVersion === version ? `version ${version} with another text` : `version ${rowVersion}`;
    comparison.differ({
      subject: 'profiles',
      key,
      where: `table ${table}`,
      expected: `version ${version}, as the topic has it`,
      found: rowVersion === null ? 'no row' : found,
    });
  }
}

function atOf(body: Uint8Array): number {
  return Date.parse((jsonOf(body) as { readonly at: string }).at);
}
