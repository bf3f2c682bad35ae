import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LogRecord, PartitionBatch } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';
import { MigrationChangedError, SinkClosedError, TableRefusesError } from './clickhouse.errors.js';
import type { RowWriter } from './row-writer.port.js';
import type { SinkObserver } from './sink-observer.port.js';
import { SinkPace } from './sink-pace.js';
import { TableSink, type RowMapping, type TableSinkOptions } from './table-sink.js';

const toRow: RowMapping = ({ value, offset }) => {
  const text = value?.toString() ?? '';
  if (text === 'skip') return ok([]);
  if (text === 'unreadable') return failed('not readable');
  return ok([{ text, offset }]);
};

/** Stores rows, refuses any insert with the text "poison", and is away when it is made to be. */
class InMemoryRowWriter implements RowWriter {
  readonly inserts: {
    readonly table: string;
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  }[] = [];
  failures: Error[] = [];
  refusals = 0;
  /** So many inserts are refused, whatever is in them. */
  takesNothing = 0;

  async insert(table: string, lines: Buffer): Promise<Result<void, string>> {
    const failure = this.failures.shift();
    if (failure) throw failure;
    const text = lines.toString();
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    if (this.takesNothing > 0) {
      this.takesNothing -= 1;
      return failed('Unknown field');
    }
    if (rows.some((row) => row.text === 'poison')) {
      this.refusals += 1;
      return Promise.resolve(failed('cannot parse poison'));
    }
    this.inserts.push({ table, rows });
    return Promise.resolve(ok(undefined));
  }

  stored(table: string): readonly unknown[] {
    return this.inserts.filter((insert) => insert.table === table).flatMap((insert) => insert.rows);
  }
}

class Diary implements SinkObserver {
  readonly entries: string[] = [];
  inserted(table: string, rows: number, refused: readonly unknown[]): void {
    this.entries.push(`${table} +${rows} -${refused.length}`);
  }
  reached({ partition, endOffset }: PartitionBatch): void {
    this.entries.push(`partition ${partition} to ${endOffset}`);
  }
  readonly refusals: string[] = [];
  unavailable(_table: string, error: unknown): void {
    this.entries.push('unavailable');
    if (error instanceof TableRefusesError) this.refusals.push(error.message);
  }
  available(): void {
    this.entries.push('available');
  }
}

function batch(partition: number, texts: readonly string[], from = 0, beyond = 0): PartitionBatch {
  const records = texts.map((text, i): LogRecord => ({
    topic: 't',
    partition,
    offset: from + i,
    key: `k${i}`,
    value: Buffer.from(text),
    headers: {},
    timestamp: 0,
  }));
  return {
    topic: 't',
    partition,
    records,
    endOffset: from + texts.length,
    logEnd: from + texts.length + beyond,
  };
}

describe('TableSink', () => {
  let writer: InMemoryRowWriter;
  let diary: Diary;
  let due: (() => void)[];
  let delays: number[];
  let lingers: number[];
  let clock: number;
  let pace: SinkPace;
  let sink: TableSink;
  const passTime = () => {
    for (const flush of due.splice(0)) flush();
  };

  const options = (): TableSinkOptions => ({
    table: 'rows',
    map: toRow,
    writer,
    observer: diary,
    fullAt: 4,
    pace,
    schedule: (ms, flush) => {
      lingers.push(ms);
      due.push(flush);
      return () => {
        due = due.filter((other) => other !== flush);
      };
    },
    retry: {
      delay: (ms) => {
        delays.push(ms);
        return Promise.resolve();
      },
      random: () => 1,
    },
  });

  beforeEach(() => {
    writer = new InMemoryRowWriter();
    diary = new Diary();
    due = [];
    delays = [];
    lingers = [];
    clock = 0;
    pace = new SinkPace({ lingerMs: 250, everyMs: 1_000, now: () => clock });
    sink = new TableSink(options());
  });

  it('writes the batches of all partitions in one insert when the time has passed', async () => {
    const both = [sink.take(batch(0, ['a', 'b'])), sink.take(batch(1, ['c']))];
    expect(writer.inserts).toEqual([]);
    passTime();
    await Promise.all(both);
    expect(writer.inserts).toHaveLength(1);
    expect(writer.stored('rows')).toEqual([
      { text: 'a', offset: 0 },
      { text: 'b', offset: 1 },
      { text: 'c', offset: 0 },
    ]);
  });

  it('writes at once when enough rows wait', async () => {
    await Promise.all([sink.take(batch(0, ['a', 'b'])), sink.take(batch(1, ['c', 'd']))]);
    expect(writer.stored('rows')).toHaveLength(4);
    expect(due).toEqual([]);
  });

  it('waits less when there is more in the log: the next fetch waits for it', async () => {
    const caughtUp = sink.take(batch(0, ['a']));
    const behind = sink.take(batch(1, ['b'], 0, 1_000));
    const neighbour = sink.take(batch(2, ['c']));
    expect(lingers).toEqual([250, 10]);
    expect(due).toHaveLength(1);
    passTime();
    await Promise.all([caughtUp, behind, neighbour]);
    expect(writer.inserts).toHaveLength(1);
  });

  it('writes rows that keep coming once in a round, which all tables share, and the first after a quiet time soon', async () => {
    const other = new TableSink({ ...options(), table: 'others' });
    const write = async (...taken: readonly Promise<void>[]) => {
      // Timers are a little early now and then.
      clock += (lingers.at(-1) ?? 0) - 0.4;
      passTime();
      await Promise.all(taken);
    };
    await write(sink.take(batch(0, ['a'])));
    clock += 300;
    await write(sink.take(batch(0, ['b'], 1)), other.take(batch(0, ['c'])));
    clock += 300;
    await write(other.take(batch(0, ['d'], 1)));
    clock += 5_000;
    await write(other.take(batch(0, ['e'], 2)));
    expect(lingers).toEqual([250, 700, 700, 700, 250]);
    expect(writer.inserts.map(({ table }) => table)).toEqual(['rows', 'rows', 'others', 'others', 'others']);
  });

  it('resolves at once, and writes nothing, when no record is for the table', async () => {
    await sink.take(batch(3, ['skip', 'skip'], 7));
    expect(writer.inserts).toEqual([]);
    expect(diary.entries).toEqual(['partition 3 to 9']);
  });

  it('resolves only when the rows are stored, and tries for ever with growing delays until they are', async () => {
    writer.failures = Array.from({ length: 9 }, () => new Error('connect ECONNREFUSED'));
    await sink.take(batch(0, ['a', 'b', 'c', 'd']));
    expect(writer.stored('rows')).toHaveLength(4);
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    expect(diary.entries.slice(-3)).toEqual(['available', 'rows +4 -0', 'partition 0 to 4']);
  });

  it('keeps a row that can never be taken aside and stores its neighbours', async () => {
    await sink.take(batch(2, ['a', 'b', 'poison', 'd', 'e'], 10));
    expect(writer.stored('rows').map((row) => (row as { text: string }).text)).toEqual(['a', 'b', 'd', 'e']);
    expect(writer.stored('refused_rows')).toEqual([
      {
        target_table: 'rows',
        topic: 't',
        kafka_partition: 2,
        kafka_offset: 12,
        key: 'k2',
        error: 'cannot parse poison',
        value_base64: Buffer.from('poison').toString('base64'),
      },
    ]);
    expect(diary.entries).toContain('rows +5 -1');
  });

  it('lets its rows wait, and keeps none aside, while the table takes no row that it took before', async () => {
    await sink.take(batch(0, ['a', 'b', 'c', 'd']));
    writer.takesNothing = 8;
    await sink.take(batch(0, ['e', 'f', 'g', 'h'], 4));
    expect(writer.stored('refused_rows')).toEqual([]);
    expect(writer.stored('rows').map((row) => (row as { text: string }).text)).toEqual(
      'a b c d e f g h'.split(' '),
    );
    expect(diary.refusals).toEqual(
      Array(4).fill(expect.stringContaining('table rows takes no row any more')),
    );
    expect(delays).toEqual([100, 200, 400, 800]);
  });

  it('waits too where it knows of no row that was taken, and none of many is', async () => {
    writer.takesNothing = 17;
    const large = new TableSink({ ...options(), fullAt: 40 });
    await large.take(
      batch(
        0,
        Array.from({ length: 40 }, (_, n) => `r${n}`),
      ),
    );
    expect(writer.stored('refused_rows')).toEqual([]);
    expect(writer.stored('rows')).toHaveLength(40);
    expect(diary.refusals).toHaveLength(1);
  });

  it('mends halves of surrogate pairs, which ClickHouse takes for no text at all', async () => {
    const split = new TableSink({
      table: 'rows',
      map: () => ok([{ text: 'split \ud83d' }]),
      writer,
      observer: diary,
      fullAt: 1,
      pace,
    });
    await split.take(batch(0, ['a']));
    expect(writer.stored('rows')).toEqual([{ text: 'split \ufffd' }]);
  });

  it('keeps a record that the mapping cannot read aside', async () => {
    const taken = sink.take(batch(0, ['unreadable']));
    passTime();
    await taken;
    expect(writer.stored('refused_rows')).toMatchObject([{ kafka_offset: 0, error: 'not readable' }]);
  });

  it('collects what comes while an insert is under way, for the next one', async () => {
    const first = sink.take(batch(0, ['a', 'b', 'c', 'd']));
    const second = sink.take(batch(1, ['e']));
    const third = sink.take(batch(2, ['f']));
    await first;
    passTime();
    await Promise.all([second, third]);
    expect(writer.inserts.map(({ rows }) => rows.length)).toEqual([4, 2]);
  });

  it('rejects what waits, so that it is not committed, when it gives up and ClickHouse is away', async () => {
    writer.failures = [new Error('connect ECONNREFUSED')];
    const taken = sink.take(batch(0, ['a']));
    sink.giveUp();
    await expect(taken).rejects.toThrow(SinkClosedError);
    expect(writer.inserts).toEqual([]);
  });

  it('stores what waits when it gives up and ClickHouse is there', async () => {
    const taken = sink.take(batch(0, ['a']));
    sink.giveUp();
    await taken;
    expect(writer.stored('rows')).toHaveLength(1);
  });

  it('rejects when its tables can never be created', async () => {
    writer.failures = [new MigrationChangedError('svc', '001', 'aa', 'bb')];
    const taken = sink.take(batch(0, ['a', 'b', 'c', 'd']));
    await expect(taken).rejects.toThrow(/migration "001" of svc was applied with checksum aa and now has bb/);
  });
});
