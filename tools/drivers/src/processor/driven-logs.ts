import type { Topic } from '@tributary/contracts';
import {
  LostRangeError,
  type LogRecord,
  type Logs,
  type OutgoingRecord,
  type ReadRange,
} from '@tributary/kafka';
import { partitionOf } from '@tributary/kernel';
import type { DrivenClock } from './driven-clock.js';

type Appended = OutgoingRecord & Partial<Pick<LogRecord, 'timestamp'>>;

/** A record that a spec writes; it has the instant of the clock unless it names one. */
export type Fed = Omit<Appended, 'topic' | 'partition' | 'partitionKey'>;

/** The partitions of all topics, in memory. Several drivers may share them, as owners share a broker. */
export class DrivenLogs implements Logs {
  /** What was read beside what was consumed, in order. */
  readonly ranges: ReadRange[] = [];
  readonly #topics = new Map<string, LogRecord[][]>();
  readonly #clock: DrivenClock;
  readonly #partitions: number;
  /** By topic and partition, where a log begins. */
  readonly #starts = new Map<string, number>();
  #room = Infinity;

  /** Of so many partitions a topic. */
  constructor(clock: DrivenClock, partitions = 1) {
    this.#clock = clock;
    this.#partitions = partitions;
  }

  /** Writes to a partition of a topic, behind what is there. */
  write({ name }: Pick<Topic, 'name'>, records: readonly Fed[], partition = 0): void {
    for (const record of records) this.#append({ ...record, topic: name, partition });
  }

  /** All that a partition holds. */
  records({ name }: Pick<Topic, 'name'>, partition = 0): readonly LogRecord[] {
    return this.#log(name, partition);
  }

  /** A partition begins at this offset from now on, at its end unless given: what is before has been kept long enough. */
  retire({ name }: Pick<Topic, 'name'>, before?: number, partition = 0): void {
    this.#starts.set(`${name}/${partition}`, before ?? this.#log(name, partition).length);
  }

  /** Takes so many more records from processors, then refuses the rest, as a broker that goes away in a request. */
  refuseAfter(records: number): void {
    this.#room = records;
  }

  bounds(topic: string): ReturnType<Logs['bounds']> {
    const ends = Array.from({ length: this.#partitions }, (_, partition) => {
      return [
        partition,
        { start: this.#start(topic, partition), end: this.#log(topic, partition).length },
      ] as const;
    });
    return Promise.resolve(new Map(ends));
  }

  async read(range: ReadRange, onRecord: (record: LogRecord) => void | Promise<void>): Promise<number> {
    this.ranges.push(range);
    const { topic, partition, from, to = Infinity } = range;
    const start = this.#start(topic, partition);
    if (from > 0 && from < start) throw new LostRangeError(topic, partition, from, start);
    for (const record of this.#log(topic, partition).slice(Math.max(from, start), to)) await onRecord(record);
    return Math.max(from, Math.min(to, this.#log(topic, partition).length));
  }

  send(
    records: readonly OutgoingRecord[],
    onTaken: (record: LogRecord) => void = () => undefined,
  ): Promise<readonly number[]> {
    const taken = records.slice(0, this.#room).map((record) => this.#append(record));
    taken.forEach(onTaken);
    this.#room -= taken.length;
    if (taken.length < records.length) return Promise.reject(new RefusedError());
    return Promise.resolve(taken.map(({ offset }) => offset));
  }

  #append({ topic, key, partitionKey = key, value, headers = {}, ...given }: Appended): LogRecord {
    const { partition = partitionOf(partitionKey, this.#partitions), timestamp = this.#clock.now() } = given;
    const log = this.#log(topic, partition);
    const bytes = value === null ? null : Buffer.from(value);
    const record = { topic, partition, offset: log.length, key, value: bytes, headers, timestamp };
    log.push(record);
    return record;
  }

  #start(topic: string, partition: number): number {
    return this.#starts.get(`${topic}/${partition}`) ?? 0;
  }

  #log(topic: string, partition: number): LogRecord[] {
    const partitions = this.#topics.get(topic) ?? Array.from({ length: this.#partitions }, () => []);
    this.#topics.set(topic, partitions);
    const log = partitions[partition];
    if (!log) throw new RangeError(`${topic} has no partition ${partition}: it has ${this.#partitions}`);
    return log;
  }
}

/** The logs take no more: see `refuseAfter`. */
export class RefusedError extends Error {
  constructor() {
    super('the logs take no more records: a spec refuses them');
    this.name = 'RefusedError';
  }
}
