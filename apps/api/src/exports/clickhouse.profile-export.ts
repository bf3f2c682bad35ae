import { Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import type { Format } from './export.dto.js';

const OF_WORKSPACE = `FROM latest_profiles
  WHERE workspace_id = {workspaceId:String} AND merged_into = '' AND NOT is_empty
  ORDER BY profile_id`;

const COLUMNS = `SELECT
  profile_id,
  arrayMap(
    one -> concat(one.namespace, ':', one.value),
    JSONExtract(profile, 'identifiers', 'Array(Tuple(namespace String, value String))')
  ) AS identifiers,
  JSONExtractRaw(profile, 'traits') AS traits,
  JSONExtractRaw(profile, 'computed') AS computed,
  parseDateTime64BestEffortOrNull(JSONExtractString(profile, 'firstSeenAt'), 3, 'UTC') AS first_seen_at,
  parseDateTime64BestEffortOrNull(JSONExtractString(profile, 'lastSeenAt'), 3, 'UTC') AS last_seen_at,
  JSONExtractUInt(profile, 'eventCount') AS event_count,
  JSONExtractUInt(profile, 'version') AS version,
  parseDateTime64BestEffortOrNull(JSONExtractString(profile, 'at'), 3, 'UTC') AS at
${OF_WORKSPACE}`;

const QUERIES: Readonly<Record<Format, string>> = {
  // A text of JSON has no line break in it.
  ndjson: `SELECT profile ${OF_WORKSPACE} FORMAT TSVRaw`,
  csv: `${COLUMNS} FORMAT CSVWithNames`,
  parquet: `${COLUMNS} FORMAT Parquet`,
};

/** Everybody of a workspace, written by the engine as they are read. */
@Injectable()
export class ClickHouseProfileExport {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  profiles(format: Format): Promise<Readable> {
    return this.clickhouse.bytes(QUERIES[format]);
  }
}
