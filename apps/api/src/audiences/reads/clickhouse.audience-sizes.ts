import { Injectable } from '@nestjs/common';
import { ClickHouseReader } from '../../clickhouse/clickhouse.reader.js';

/** How many came and went in a step. */
export interface Turnover {
  /** 0: until the first instant, and including it; n: after the instant before the n-th, until that. */
  readonly step: number;
  readonly entered: number;
  readonly exited: number;
}

/** Instants in milliseconds since 1970. */
export interface Instants {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/**
 * Of each profile the changes take turns: one that does not is left out, as the exit of somebody whose entry was erased
 * since.
 */
const TURNS = `arrayFilter(
  (change, before) -> change.3 != before.3,
  all,
  arrayPushFront(arrayPopBack(all), (toInt64(0), toUInt64(0), false))
)`;

/** What became of audiences, by their changes. */
@Injectable()
export class ClickHouseAudienceSizes {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  /** Steps in which nobody came or went are absent. */
  turnovers(key: string, { from, to, stepMs }: Instants): Promise<readonly Turnover[]> {
    return this.clickhouse.rows<Turnover>(
      `SELECT toUInt32(if(turn.1 <= {from:Int64}, 0, intDiv(turn.1 - {from:Int64} - 1, {stepMs:Int64}) + 1)) AS step,
         toUInt64(countIf(turn.3)) AS entered, toUInt64(countIf(NOT turn.3)) AS exited
       FROM (
         SELECT arraySort(groupArray((toUnixTimestamp64Milli(at), kafka_offset, change = 'entered'))) AS all
         FROM audience_changes
         WHERE workspace_id = {workspaceId:String} AND audience_key = {key:String}
           AND at <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
         GROUP BY profile_id
       )
       ARRAY JOIN ${TURNS} AS turn
       GROUP BY step ORDER BY step`,
      { key, from, to, stepMs },
    );
  }
}
