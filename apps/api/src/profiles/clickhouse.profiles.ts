import { Injectable } from '@nestjs/common';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';

/** A profile as the tables have it. */
export interface StoredProfile {
  readonly profileId: string;
  /** The profile that holds it now; undefined while it stands for itself. */
  readonly mergedInto: string | undefined;
  /** As in `profiles.v1`: JSON. */
  readonly json: string;
}

/** The current profiles. */
@Injectable()
export class ClickHouseProfiles {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  async byId(profileId: string): Promise<StoredProfile | undefined> {
    const [row] = await this.clickhouse.rows<{ readonly merged_into: string; readonly profile: string }>(
      `SELECT merged_into, profile FROM latest_profiles
       WHERE workspace_id = {workspaceId:String} AND profile_id = {profileId:String} AND NOT is_empty`,
      { profileId },
    );
    return row && { profileId, mergedInto: row.merged_into || undefined, json: row.profile };
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
