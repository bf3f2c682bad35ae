import { Injectable } from '@nestjs/common';
import { readEventsSql, type AudienceDefinition, type PersonEvent } from '@tributary/audiences';
import { ClickHouseReader } from '../../clickhouse/clickhouse.reader.js';
import { currentWorkspace } from '../../workspaces/current-workspace.js';

const OF_PROFILE = 'events_log_of_profile(workspace = {workspaceId:String}, profile = {profileId:String})';

const TEXT = `toJSONString((type, event, name, toUnixTimestamp64Milli(timestamp), toUnixTimestamp64Milli(received_at),
  sequence, deduplication_id, message_id, source_id, properties, traits, context)) AS text`;

type Row = readonly [
  type: string,
  event: string,
  name: string,
  time: number,
  receivedAt: number,
  sequence: number,
  id: string,
  messageId: string,
  sourceId: string,
  properties: string,
  traits: string,
  context: string,
];

/** The events of one person, as the tables have them. */
@Injectable()
export class ClickHousePersonEvents {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  async hasAny(profileId: string): Promise<boolean> {
    const rows = await this.clickhouse.rows(`SELECT 1 AS one FROM ${OF_PROFILE} LIMIT 1`, { profileId });
    return rows.length > 0;
  }

  /** Those that a definition may count, in no order, as they come. */
  async *readBy(definition: AudienceDefinition, profileId: string): AsyncGenerator<PersonEvent> {
    const { test, parameters } = readEventsSql(definition);
    const query = `SELECT ${TEXT} FROM ${OF_PROFILE} WHERE ${test}`;
    const parts = this.clickhouse.texts(query, { ...parameters, profileId }, currentWorkspace());
    for await (const texts of parts) for (const text of texts) yield toEvent(text);
  }
}

/** A row of the stream is JSON, and so is the text in it. */
function toEvent(row: string): PersonEvent {
  const { text } = JSON.parse(row) as { readonly text: string };
  const [type, event, name, time, receivedAt, sequence, id, messageId, sourceId, ...objects] = JSON.parse(
    text,
  ) as Row;
  const [properties, traits, context] = objects.map(objectIn);
  return {
    ...{ type, time, receivedAt, sequence, id, messageId, sourceId },
    ...(event !== '' && { event }),
    ...(name !== '' && { name }),
    ...{ properties, traits, context },
  };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
