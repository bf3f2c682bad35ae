import { Injectable } from '@nestjs/common';
import type { RejectedMessage, RejectionReason } from '@tributary/contracts';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import { idOf, type RejectedGroup, type Selection, type StoredRejection } from './rejected-events.js';
import { GROUP_DIMENSIONS, type RejectedFilter } from './rejected.dto.js';

/** Characters of base64 shown of each record in a list: 3,000 bytes. */
const RAW_SHOWN = 4_000;

const COLUMNS = { source: 'source_id', route: 'route', code: 'reason.code', field: 'reason.field' } as const;
const REPLAYED = `SELECT rejected_partition, rejected_offset FROM rejected_replays
  WHERE workspace_id = {workspaceId:String}`;

/** What was rejected, as the tables have it: a moment behind the topic. Lists hold the beginning of each one's bytes. */
@Injectable()
export class ClickHouseRejectedEvents {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  async list(selection: Selection): Promise<readonly StoredRejection[]> {
    return this.#rows(selection, `substring(raw, 1, ${RAW_SHOWN})`);
  }

  /** The same, whole, up to so many characters of base64, but at least one. */
  async whole(selection: Selection, maxCharacters: number) {
    const sizes = await this.#rows({ ...selection, limit: selection.limit + 1 }, "''");
    let characters = 0;
    const fitting = sizes.filter(({ rawBytes }, at) => {
      characters += Math.ceil(rawBytes / 3) * 4;
      return at < selection.limit && (at === 0 || characters <= maxCharacters);
    });
    const ids = fitting.map(idOf);
    const { order } = selection;
    const filter = { state: 'all' } as const;
    const taken = ids.length === 0 ? [] : await this.#rows({ filter, ids, order, limit: ids.length }, 'raw');
    return { taken, more: sizes.length > fitting.length };
  }

  async byId(id: string): Promise<StoredRejection | undefined> {
    const selection = { filter: { state: 'all' }, ids: [id], order: 'oldest-first', limit: 1 } as const;
    return (await this.#rows(selection, 'raw'))[0];
  }

  async groups(
    filter: RejectedFilter,
    by: readonly string[],
    after: readonly string[],
    limit: number,
  ): Promise<readonly RejectedGroup[]> {
    const key = GROUP_DIMENSIONS.map((name) => (by.includes(name) ? COLUMNS[name] : "''"));
    const ofReason = [
      filter.code === undefined ? '' : 'AND reason.code = {code:String}',
      filter.field === undefined ? '' : 'AND reason.field = {field:String}',
    ].join(' ');
    const rows = await this.clickhouse.rows<GroupRow>(
      `SELECT ${key.map((column, i) => `${column} AS key_${i}`).join(', ')},
         uniqExact(kafka_partition, kafka_offset) AS count, min(received_at) AS first_at, max(received_at) AS last_at,
         argMax((kafka_partition, kafka_offset, substring(raw, 1, ${RAW_SHOWN}), reasons),
           (received_at, kafka_partition, kafka_offset)) AS last
       FROM rejected_events ARRAY JOIN reasons AS reason
       WHERE ${conditionOf(filter)} ${ofReason}
       GROUP BY key_0, key_1, key_2, key_3
       ${after.length > 0 ? `HAVING (key_0, key_1, key_2, key_3) > (${AFTER_GROUP})` : ''}
       ORDER BY key_0, key_1, key_2, key_3 LIMIT {limit:UInt32}`,
      { limit, ...filter, ...Object.fromEntries(after.map((text, i) => [`after${i}`, text])) },
    );
    return rows.map(groupOf);
  }

  async #rows(selection: Selection, raw: string): Promise<readonly StoredRejection[]> {
    const { filter, ids, order, after, limit } = selection;
    const [way, beyond] = order === 'newest-first' ? ['DESC', '<'] : ['ASC', '>'];
    const conditions = [
      conditionOf(filter),
      ...(ids
        ? [`concat(toString(kafka_partition), '-', toString(kafka_offset)) IN {ids:Array(String)}`]
        : []),
      ...(after ? [`(received_at, kafka_partition, kafka_offset) ${beyond} (${AFTER_ITEM})`] : []),
    ];
    const rows = await this.clickhouse.rows<ItemRow>(
      `SELECT workspace_id, source_id, received_at AS at, route, reasons, ${raw} AS shown, length(base64Decode(raw)) AS bytes,
         raw_is, call_index, request, kafka_partition, kafka_offset, replayed_at
       FROM rejected_events
       LEFT ANY JOIN (
         SELECT rejected_partition, rejected_offset, min(replayed_at) AS replayed_at FROM rejected_replays
         WHERE workspace_id = {workspaceId:String} GROUP BY ALL
       ) AS replays ON kafka_partition = rejected_partition AND kafka_offset = rejected_offset
       WHERE ${conditions.join(' AND ')}
       ORDER BY received_at ${way}, kafka_partition ${way}, kafka_offset ${way}
       LIMIT 1 BY kafka_partition, kafka_offset
       LIMIT {limit:UInt32}`,
      { limit, ...filter, ...(ids ? { ids } : {}), ...after },
    );
    return rows.map(storedOf);
  }
}

const AFTER_ITEM =
  "parseDateTime64BestEffort({receivedAt:String}, 3, 'UTC'), {partition:UInt16}, {offset:UInt64}";
const AFTER_GROUP = '{after0:String}, {after1:String}, {after2:String}, {after3:String}';

/** Of records; which of their reasons is meant is another matter. */
function conditionOf(filter: RejectedFilter): string {
  const { source, route, code, field, from, to, state } = filter;
  const instant = (name: string) => `parseDateTime64BestEffort({${name}:String}, 3, 'UTC')`;
  const reason = [
    ...(code === undefined ? [] : ['one.code = {code:String}']),
    ...(field === undefined ? [] : ['one.field = {field:String}']),
  ];
  return [
    'workspace_id = {workspaceId:String}',
    ...(source === undefined ? [] : ['source_id = {source:String}']),
    ...(route === undefined ? [] : ['route = {route:String}']),
    ...(reason.length === 0 ? [] : [`arrayExists(one -> ${reason.join(' AND ')}, reasons)`]),
    ...(from === undefined ? [] : [`received_at >= ${instant('from')}`]),
    ...(to === undefined ? [] : [`received_at < ${instant('to')}`]),
    ...(state === 'all'
      ? []
      : [`(kafka_partition, kafka_offset) ${state === 'open' ? 'NOT IN' : 'IN'} (${REPLAYED})`]),
  ].join(' AND ');
}

interface ItemRow {
  readonly workspace_id: string;
  readonly source_id: string;
  readonly at: string;
  readonly route: string;
  readonly reasons: RejectionReason[];
  readonly shown: string;
  readonly bytes: number;
  readonly raw_is: '' | 'call' | 'request';
  readonly call_index: number;
  readonly request: string;
  readonly kafka_partition: number;
  readonly kafka_offset: number;
  readonly replayed_at: string;
}

function storedOf(row: ItemRow): StoredRejection {
  const message: RejectedMessage = {
    workspaceId: row.workspace_id,
    sourceId: row.source_id,
    receivedAt: row.at,
    route: row.route,
    reasons: row.reasons,
    raw: row.shown,
    ...(row.raw_is === '' ? {} : { rawIs: row.raw_is }),
    ...(row.call_index < 0 ? {} : { index: row.call_index }),
    ...(row.request === '' ? {} : { request: JSON.parse(row.request) as object }),
  };
  return {
    receivedAt: row.at,
    partition: row.kafka_partition,
    offset: row.kafka_offset,
    message,
    rawBytes: row.bytes,
    // What the join does not find is the beginning of time.
    ...(Date.parse(row.replayed_at) > 0 ? { replayedAt: row.replayed_at } : {}),
  };
}

interface GroupRow {
  readonly key_0: string;
  readonly key_1: string;
  readonly key_2: string;
  readonly key_3: string;
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly last: readonly [number, number, string, readonly RejectionReason[]];
}

function groupOf(row: GroupRow): RejectedGroup {
  const [partition, offset, raw, reasons] = row.last;
  return {
    source: row.key_0,
    route: row.key_1,
    code: row.key_2,
    field: row.key_3,
    count: row.count,
    firstAt: row.first_at,
    lastAt: row.last_at,
    last: { id: idOf({ partition, offset }), raw, reasons },
  };
}
