import { Injectable } from '@nestjs/common';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import type { Membership, TimelineEvent } from './profile.dto.js';

/** Of which events, and how many. */
export interface TimelineRange {
  readonly limit: number;
  /** The place of the event before them: a {@link PlacedEvent.place}; empty: from the newest on, or the oldest. */
  readonly after: string;
  /** RFC 3339. */
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly isOldestFirst?: boolean;
  /** Names of events; all unless given. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

export interface PlacedEvent {
  readonly event: TimelineEvent;
  readonly place: string;
}

/** The group calls of a profile, by group. */
export interface Group {
  readonly groupId: string;
  readonly sourceId: string;
  readonly firstAt: string;
}

/** The first and the last event of a profile. */
export interface Ends {
  readonly firstMessageId: string;
  readonly firstSourceId: string;
  readonly lastMessageId: string;
  readonly lastSourceId: string;
}

interface Row {
  readonly message_id: string;
  readonly type: string;
  readonly event: string;
  readonly name: string;
  readonly timestamp: string;
  readonly received_at: string;
  readonly source_id: string;
  readonly group_id: string;
  readonly identifiers: readonly string[];
  readonly properties: string;
  readonly traits: string;
  readonly context: string;
  readonly place: string;
}

/** Whose events. */
export type EventsOf = { readonly profileId: string } | { readonly groupId: string };

const OF_ACCOUNT =
  '(SELECT * FROM events_log FINAL WHERE workspace_id = {workspaceId:String} AND group_id = {groupId:String})';
const fromOf = (of: EventsOf) => ('groupId' in of ? OF_ACCOUNT : OF_PROFILE);
const OF_PROFILE = 'events_log_of_profile(workspace = {workspaceId:String}, profile = {profileId:String})';
/** The order of one person's events; identifiers may share a message id. */
const PLACE =
  '(toUnixTimestamp64Milli(timestamp), toUnixTimestamp64Milli(received_at), toUInt32(sequence), message_id, identifier)';
const PLACE_TYPE = 'Tuple(Int64, Int64, UInt32, String, String)';

/** What the tables have of a profile beside itself: they follow the stream by about a second. */
@Injectable()
export class ClickHouseTimeline {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  async events(of: EventsOf, range: TimelineRange): Promise<readonly PlacedEvent[]> {
    const { limit, after, start, end, isOldestFirst = false, include = [], exclude = [] } = range;
    const [direction, isBehind] = isOldestFirst ? ['ASC', '>'] : ['DESC', '<'];
    const conditions = [
      after !== '' &&
        `${PLACE} ${isBehind} CAST(JSONExtract({after:String}, '${PLACE_TYPE}'), '${PLACE_TYPE}')`,
      start !== undefined && "timestamp >= parseDateTime64BestEffort({start:String}, 3, 'UTC')",
      end !== undefined && "timestamp < parseDateTime64BestEffort({end:String}, 3, 'UTC')",
      include.length > 0 && 'event IN {include:Array(String)}',
      exclude.length > 0 && 'event NOT IN {exclude:Array(String)}',
    ].filter((condition) => condition !== false);
    const rows = await this.clickhouse.rows<Row>(
      `SELECT message_id, type, event, name, timestamp, received_at, source_id, group_id, identifiers,
         properties, traits, context,
         toJSONString([toString(${PLACE}.1), toString(${PLACE}.2), toString(${PLACE}.3), ${PLACE}.4, ${PLACE}.5]) AS place
       FROM ${fromOf(of)}
       ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
       ORDER BY ${PLACE} ${direction} LIMIT {limit:UInt32}`,
      { ...of, limit, after, start, end, include, exclude },
    );
    return rows.map((row) => ({ event: toEvent(row), place: row.place }));
  }

  async ends(of: EventsOf): Promise<Ends | undefined> {
    const [row] = await this.clickhouse.rows<Ends & { readonly events: number }>(
      `SELECT toUInt32(count()) AS events,
         argMin(message_id, ${PLACE}) AS firstMessageId, argMin(source_id, ${PLACE}) AS firstSourceId,
         argMax(message_id, ${PLACE}) AS lastMessageId, argMax(source_id, ${PLACE}) AS lastSourceId
       FROM ${fromOf(of)}`,
      of,
    );
    return row && row.events > 0 ? row : undefined;
  }

  /** In the order of their ids, those after `after`, at most `limit`. */
  async groups(profileId: string, after: string, limit: number): Promise<readonly Group[]> {
    return this.clickhouse.rows<Group>(
      `SELECT group_id AS groupId, argMin(source_id, timestamp) AS sourceId, min(timestamp) AS firstAt
       FROM ${OF_PROFILE}
       WHERE type = 'group' AND group_id > {after:String}
       GROUP BY group_id ORDER BY group_id LIMIT {limit:UInt32}`,
      { profileId, after, limit },
    );
  }

  /** In which audiences a profile is, by their keys. */
  async memberships(profileId: string): Promise<readonly Membership[]> {
    const rows = await this.clickhouse.rows<Membership & { readonly causedBy: string }>(
      `SELECT audience_key AS audience, argMax(since, version) AS since, argMax(cause, version) AS cause,
         argMax(caused_by, version) AS causedBy
       FROM audience_memberships
       WHERE workspace_id = {workspaceId:String} AND profile_id = {profileId:String}
       GROUP BY audience_key HAVING argMax(member, version)
       ORDER BY audience_key`,
      { profileId },
    );
    return rows.map(({ causedBy, ...row }) => (causedBy === '' ? row : { ...row, causedBy }));
  }
}

function toEvent(row: Row): TimelineEvent {
  const { event, name, group_id: groupId } = row;
  return {
    messageId: row.message_id,
    type: row.type,
    ...(event !== '' && { event }),
    ...(name !== '' && { name }),
    timestamp: row.timestamp,
    receivedAt: row.received_at,
    sourceId: row.source_id,
    identifiers: row.identifiers,
    ...(groupId !== '' && { groupId }),
    properties: objectIn(row.properties),
    traits: objectIn(row.traits),
    context: objectIn(row.context),
  };
}

function objectIn(text: string): Record<string, unknown> {
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
