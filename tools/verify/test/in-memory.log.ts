import { ALL_TOPICS } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import { wholeOf, type Bounds, type Log, type Range } from '../src/log/log.port.js';

/** Topics held in memory, which a spec may change; every group has read them to their ends. */
export class InMemoryLog implements Log {
  readonly #topics = new Map<string, Map<number, LogRecord[]>>();

  /** All topics, of so many partitions each, and nothing in them. */
  static empty(partitions: number): InMemoryLog {
    const log = new InMemoryLog();
    for (const { name } of ALL_TOPICS) {
      log.#topics.set(name, new Map(Array.from({ length: partitions }, (_, partition) => [partition, []])));
    }
    return log;
  }

  /** A copy of all that is in another log now. */
  static async copyOf(other: Log): Promise<InMemoryLog> {
    const copy = new InMemoryLog();
    for (const { name } of ALL_TOPICS) {
      const ranges = await wholeOf(other, name);
      copy.#topics.set(name, new Map([...ranges.keys()].map((partition) => [partition, []])));
      await other.read(name, ranges, (record) => {
        const { topic, partition, offset, key, value, headers, timestamp } = record;
        copy.#partition(name, partition).push({ topic, partition, offset, key, value, headers, timestamp });
      });
    }
    return copy;
  }

  /** Every record of a topic, by partition and in order. */
  records(topic: string): readonly LogRecord[] {
    return [...(this.#topics.get(topic)?.values() ?? [])].flat();
  }

  /** Takes a record out, as if it had never been written. */
  remove(record: LogRecord): void {
    const records = this.#partition(record.topic, record.partition);
    records.splice(records.indexOf(record), 1);
  }

  /** Puts another value in a record's place. */
  replace(record: LogRecord, value: object): void {
    const records = this.#partition(record.topic, record.partition);
    records[records.indexOf(record)] = { ...record, value: Buffer.from(JSON.stringify(value)) };
  }

  /** Writes a record behind the last one of its partition. */
  append(record: LogRecord): void {
    const records = this.#partition(record.topic, record.partition);
    records.push({ ...record, offset: (records.at(-1)?.offset ?? -1) + 1 });
  }

  bounds(topic: string): Promise<ReadonlyMap<number, Bounds>> {
    const bounds = [...(this.#topics.get(topic) ?? [])].map(([partition, records]) => {
      const start = records[0]?.offset ?? 0;
      return [partition, { start, end: (records.at(-1)?.offset ?? start - 1) + 1 }] as const;
    });
    return Promise.resolve(new Map(bounds));
  }

  async read(
    topic: string,
    ranges: ReadonlyMap<number, Range>,
    onRecord: (record: LogRecord) => void | Promise<void>,
  ): Promise<void> {
    for (const [partition, { from, to }] of ranges) {
      for (const record of this.#partition(topic, partition)) {
        if (record.offset >= from && record.offset < to) await onRecord(record);
      }
    }
  }

  async reached(_groupId: string, topic: string): Promise<ReadonlyMap<number, number>> {
    return new Map([...(await this.bounds(topic))].map(([partition, { end }]) => [partition, end]));
  }

  #partition(topic: string, partition: number): LogRecord[] {
    const records = this.#topics.get(topic)?.get(partition);
    if (!records) throw new Error(`${topic} has no partition ${partition}`);
    return records;
  }
}
