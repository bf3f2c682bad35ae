import { Injectable } from '@nestjs/common';
import { ClickHouseReader } from '../../clickhouse/clickhouse.reader.js';
import type { AccountPerson } from './account.dto.js';

/** The accounts as the tables have them. */
@Injectable()
export class ClickHouseAccounts {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  /** As in `accounts.v1`: JSON. */
  async byId(groupId: string): Promise<string | undefined> {
    const [row] = await this.clickhouse.rows<{ readonly account: string }>(
      `SELECT account FROM latest_accounts
       WHERE workspace_id = {workspaceId:String} AND group_id = {groupId:String}`,
      { groupId },
    );
    return row?.account;
  }

  /** The people of an account behind a profile, as their own profiles say: it reads all of them. */
  async people(groupId: string, after: string, limit: number): Promise<readonly AccountPerson[]> {
    return this.clickhouse.rows<AccountPerson>(
      `SELECT profile_id AS profileId,
         arrayFirst(
           one -> one.groupId = {groupId:String},
           JSONExtract(profile, 'groups', 'Array(Tuple(groupId String, since String))')
         ).since AS since
       FROM latest_profiles
       WHERE workspace_id = {workspaceId:String} AND profile_id > {after:String} AND merged_into = '' AND NOT is_empty
         AND position(profile, '"groups":') > 0 AND since != ''
       ORDER BY profile_id LIMIT {limit:UInt32}`,
      { groupId, after, limit },
    );
  }
}
