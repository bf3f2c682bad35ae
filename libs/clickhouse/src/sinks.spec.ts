import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import { ok, type Result } from '@tributary/kernel';
import type { RowWriter } from './row-writer.port.js';
import { sinksOf } from './sinks.js';
import { SinkPace } from './sink-pace.js';
import { TableSink, type RowMapping } from './table-sink.js';

const toRow: RowMapping = ({ offset }) => ok([{ offset }]);

function batchOf(topic: string): PartitionBatch {
  const record: LogRecord = {
    topic,
    partition: 0,
    offset: 7,
    key: 'k',
    value: Buffer.from('{}'),
    headers: {},
    timestamp: 0,
  };
  return { topic, partition: 0, records: [record], endOffset: 8, logEnd: 8 };
}

/** Tables that take rows one after the other, when they are let. */
class SlowTables implements RowWriter {
  readonly stored: string[] = [];
  readonly open = Promise.withResolvers<undefined>();

  async insert(table: string, lines: Buffer): Promise<Result<void, string>> {
    if (table === 'slow') await this.open.promise;
    this.stored.push(`${table} ${lines.toString().trim()}`);
    return ok(undefined);
  }

  sink(table: string, map: RowMapping): TableSink {
    const nothing = () => undefined;
    const observer = { inserted: nothing, reached: nothing, unavailable: nothing, available: nothing };
    return new TableSink({
      table,
      map,
      writer: this,
      observer,
      pace: new SinkPace({ lingerMs: 1, everyMs: 1 }),
    });
  }
}

const sinks = [
  { topic: TOPICS.rejected, table: 'fast', rows: toRow },
  { topic: TOPICS.rejected, table: 'slow', rows: toRow },
  { topic: TOPICS.profiles, table: 'other', rows: toRow },
];

describe('declared sinks', () => {
  it('have taken a batch when all tables of its topic have stored it, and no other', async () => {
    const tables = new SlowTables();
    let isTaken = false;
    const taken = sinksOf(tables, sinks)
      .handle(batchOf(TOPICS.rejected.name))
      .then(() => {
        isTaken = true;
      });
    await sinksOf(tables, sinks).handle(batchOf(TOPICS.profiles.name));
    expect([isTaken, tables.stored]).toEqual([false, ['fast {"offset":7}', 'other {"offset":7}']]);
    tables.open.resolve(undefined);
    await taken;
    expect(tables.stored).toContain('slow {"offset":7}');
  });

  it('refuse a topic that none of them names, by its name', async () => {
    await expect(sinksOf(new SlowTables(), sinks).handle(batchOf('events.v1'))).rejects.toThrow(
      'no sink takes events.v1; there are sinks of events.rejected.v1, profiles.v1',
    );
  });
});
