import { Injectable } from '@nestjs/common';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';
import { beforeErasure, parametersOf, type Cut, type PersonTable, type RowsOf } from './person-rows.js';

/** The table of the people whose rows are being removed. ClickHouse holds it in memory alone. */
const ERASING = 'erasing';
const LISTS = ['identifiers', 'profiles', 'texts'] as const;

/**
 * Removes the rows of a person. ClickHouse keeps the text of a mutation in files beside the table, so it names nobody: whom
 * it is about stands in a table without files. After a restart that is empty, and is filled again.
 */
@Injectable()
export class RowErasure {
  constructor(private readonly clickhouse: ClickHouseReader) {}

  /** How many rows of a table are to be removed still. */
  async count(table: PersonTable, of: RowsOf, cut: Cut): Promise<number> {
    const [found] = await this.clickhouse.rows<{ readonly count: string }>(
      `SELECT count() AS count FROM ${table.table} WHERE ${beforeErasure(table)}`,
      parametersOf(of, cut),
    );
    return Number(found?.count ?? 0);
  }

  /** Begins to remove them, unless a removal from the table is under way: rewriting a large one takes its time. */
  async begin(table: PersonTable, requestId: string, of: RowsOf, cut: Cut): Promise<void> {
    const [underWay] = await this.clickhouse.rows<object>(
      `SELECT 1 FROM system.mutations
       WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done LIMIT 1`,
      { table: table.table },
    );
    if (underWay) return;
    await this.#fill(requestId, of);
    const { identifiers: _i, profiles: _p, texts: _t, ...rest } = parametersOf(of, cut);
    const where = LISTS.reduce(
      (text, list) => text.replaceAll(`{${list}:Array(String)}`, listed(list)),
      beforeErasure(table),
    );
    await this.clickhouse.command(`ALTER TABLE ${table.table} DELETE WHERE ${where}`, { ...rest, requestId });
  }

  /** All are removed. */
  async end(requestId: string): Promise<void> {
    await this.#make();
    await this.clickhouse.command(`ALTER TABLE ${ERASING} DELETE WHERE request_id = {requestId:String}`, {
      requestId,
    });
  }

  async #fill(requestId: string, of: RowsOf): Promise<void> {
    await this.end(requestId);
    const { identifiers, profiles, texts } = parametersOf(of);
    for (const [list, values] of Object.entries({ identifiers, profiles, texts }))
      await this.clickhouse.command(
        `INSERT INTO ${ERASING} SELECT {requestId:String}, {list:String}, arrayJoin({values:Array(String)})`,
        { requestId, list, values },
      );
  }

  #make(): Promise<void> {
    return this.clickhouse.command(
      `CREATE TABLE IF NOT EXISTS ${ERASING} (request_id String, list LowCardinality(String), value String) ENGINE = Memory`,
    );
  }
}

/** A list as it stands in the text of a mutation: of texts to search for a value, of others rows. */
function listed(list: (typeof LISTS)[number]): string {
  const value = list === 'texts' ? 'groupArray(value)' : 'value';
  return `(SELECT ${value} FROM ${ERASING} WHERE request_id = {requestId:String} AND list = '${list}')`;
}
