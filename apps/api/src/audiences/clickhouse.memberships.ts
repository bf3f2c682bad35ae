import { Injectable } from '@nestjs/common';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import { textsIn } from '../clickhouse/lists.js';
import type { Member } from './audience.dto.js';
import { chosenTraits } from './chosen-traits.sql.js';

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

  /** In the order of profile ids, those after `after`, at most `limit`, with these of their traits. */
  async members(
    key: string,
    traits: readonly string[],
    { after, limit }: { readonly after: string; readonly limit: number },
  ): Promise<readonly Member[]> {
    const members = await this.clickhouse.rows<Member>(
      `SELECT profile_id AS profileId, since, identifiers FROM current_memberships
       WHERE workspace_id = {workspaceId:String} AND audience_key = {key:String} AND profile_id > {after:String}
       ORDER BY profile_id LIMIT {limit:UInt32}`,
      { key, after, limit },
    );
    if (traits.length === 0 || members.length === 0) return members;
    const ids = members.map(({ profileId }) => profileId);
    const found = await this.#traits(ids, traits);
    return members.map((member) => ({ ...member, traits: found.get(member.profileId) ?? {} }));
  }

  async #traits(
    profileIds: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
    const { object, parameters } = chosenTraits(names);
    const rows = await this.clickhouse.rows<{ readonly id: string; readonly traits: string }>(
      `SELECT profile_id AS id, ${object} AS traits FROM latest_profiles
       WHERE workspace_id = {workspaceId:String} AND profile_id IN ${textsIn(profileIds)}`,
      parameters,
    );
    return new Map(rows.map(({ id, traits }) => [id, JSON.parse(traits) as Record<string, unknown>]));
  }
}
