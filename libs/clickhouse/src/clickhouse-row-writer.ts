import type { ClickHouseClient } from '@clickhouse/client';
import { failed, ok, type Result } from '@tributary/kernel';
import { Readable } from 'node:stream';
import { isRowFault } from './clickhouse.errors.js';
import type { RowWriter } from './row-writer.port.js';

/** Synchronous inserts into ClickHouse, in the format JSONEachRow. */
export class ClickHouseRowWriter implements RowWriter {
  /** Inserts wait for `prepared`, the tables' creation, and reject with it. */
  constructor(
    private readonly client: ClickHouseClient,
    private readonly prepared: Promise<void> = Promise.resolve(),
  ) {}

  async insert(table: string, lines: Buffer): Promise<Result<void, string>> {
    await this.prepared;
    try {
      await this.client.insert({
        table,
        values: Readable.from([lines], { objectMode: false }),
        format: 'JSONEachRow',
      });
      return ok(undefined);
    } catch (error) {
      if (isRowFault(error)) return failed(`${error.type ?? 'refused'}: ${error.message.trim()}`);
      throw error;
    }
  }
}
