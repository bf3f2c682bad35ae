import { Injectable } from '@nestjs/common';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import type { Member } from './audience.dto.js';

/** Who is in which audience, as the tables have it. */
@Injectable()
export class ClickHouseMemberships {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  /** How many members each audience has, by key; one that has none is absent. */
  async sizes(keys: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (keys.length === 0) return new Map();
    const rows = await this.clickhouse.rows<{ readonly key: string; readonly size: number }>(
      `SELECT audience_key AS key, toUInt64(count()) AS size FROM current_memberships
       WHERE workspace_id = {workspaceId:String} AND audience_key IN {keys:Array(String)}
       GROUP BY audience_key`,
      { keys },
    );
    return new Map(rows.map(({ key, size }) => [key, size]));
  }

  /** In the order of profile ids, those after `after`, at most `limit`. */
  async members(key: string, after: string, limit: number): Promise<readonly Member[]> {
    return this.clickhouse.rows<Member>(
      `SELECT profile_id AS profileId, since, identifiers FROM current_memberships
       WHERE workspace_id = {workspaceId:String} AND audience_key = {key:String} AND profile_id > {after:String}
       ORDER BY profile_id LIMIT {limit:UInt32}`,
      { key, after, limit },
    );
  }
}
