import { Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { ClickHouseReader } from '../../clickhouse/clickhouse.reader.js';
import { chosenTraits } from '../chosen-traits.sql.js';
import type { MemberFormat } from './member-export.dto.js';

const SINCE = "concat(replaceOne(toString(became), ' ', 'T'), 'Z')";

const LINES: Readonly<Record<MemberFormat, readonly [columns: string, format: string]>> = {
  // A text of JSON has no line break in it.
  ndjson: [
    `concat('{"profileId":', toJSONString(profile_id), ',"since":', toJSONString(${SINCE}), ',"identifiers":', toJSONString(identifiers), ',"traits":', traits, '}')`,
    'TSVRaw',
  ],
  csv: [`profile_id, ${SINCE} AS since, identifiers, traits`, 'CSVWithNames'],
};

/** The members of an audience, written by the engine as they are read. */
@Injectable()
export class ClickHouseMemberExport {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  members(key: string, names: readonly string[], format: MemberFormat): Promise<Readable> {
    const { object, parameters } = chosenTraits(names);
    const [columns, as] = LINES[format];
    const memberships = `SELECT profile_id, since AS became, identifiers FROM current_memberships
       WHERE workspace_id = {workspaceId:String} AND audience_key = {key:String}`;
    const joined = `SELECT m.profile_id AS profile_id, m.became AS became, m.identifiers AS identifiers,
         if(p.traits = '', '{}', p.traits) AS traits
       FROM (${memberships} ORDER BY profile_id) AS m
       LEFT ANY JOIN (
         SELECT profile_id, ${object} AS traits FROM latest_profiles
         WHERE workspace_id = {workspaceId:String}
       ) AS p ON p.profile_id = m.profile_id`;
    const rows = names.length === 0 ? `SELECT *, '{}' AS traits FROM (${memberships})` : joined;
    return this.clickhouse.bytes(
      `SELECT ${columns} FROM (${rows}) ORDER BY profile_id
       SETTINGS join_algorithm = 'full_sorting_merge' FORMAT ${as}`,
      { ...parameters, key },
    );
  }
}
