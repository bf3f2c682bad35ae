import { Injectable } from '@nestjs/common';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';

/** The current profiles, as the tables have them. */
@Injectable()
export class ClickHouseProfiles {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  /** As in `profiles.v1`: JSON. */
  async byId(profileId: string): Promise<string | undefined> {
    const [row] = await this.clickhouse.rows<{ readonly merged_into: string; readonly profile: string }>(
      `SELECT merged_into, profile FROM latest_profiles
       WHERE workspace_id = {workspaceId:String} AND profile_id = {profileId:String} AND NOT is_empty`,
      { profileId },
    );
    if (!row) return undefined;
    return row.merged_into === '' ? row.profile : JSON.stringify({ mergedInto: row.merged_into });
  }

  /** The profile to which an identifier is assigned; undefined where it never was. */
  async assigned(identifier: string): Promise<string | undefined> {
    const [row] = await this.clickhouse.rows<{ readonly profile_id: string }>(
      `SELECT argMax(profile_id, version) AS profile_id FROM identity_assignments
       WHERE workspace_id = {workspaceId:String} AND identifier = {identifier:String}
       GROUP BY identifier`,
      { identifier },
    );
    return row?.profile_id;
  }
}
