import type { ClickHouseClient } from '@clickhouse/client';
import { failed, ok, type Result } from '@tributary/kernel';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { isRowFault } from './clickhouse.errors.js';
import type { RowWriter } from './row-writer.port.js';

/** Synchronous inserts into ClickHouse, in the format JSONEachRow. The client's own `insert` takes no encoded rows. */
export class ClickHouseRowWriter implements RowWriter {
  /** Inserts wait for `prepared`, the tables' creation, and reject with it. */
  constructor(
    private readonly client: ClickHouseClient,
    private readonly prepared: Promise<void> = Promise.resolve(),
  ) {}

  async insert(table: string, lines: Buffer): Promise<Result<void, string>> {
    await this.prepared;
    try {
      const { stream } = await this.client.exec({
        query: `INSERT INTO \`${table}\` FORMAT JSONEachRow`,
        values: Readable.from([lines], { objectMode: false }),
      });
      await finished(stream.resume());
      return ok(undefined);
    } catch (error) {
      if (isRowFault(error)) return failed(error.message.trim());
      throw error;
    }
  }
}
