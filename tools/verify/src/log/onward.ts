import type { LogRecord } from '@tributary/kafka';
import type { Log, Range } from './log.port.js';

/** Reads a topic to its present end, each time from where it stopped the time before. */
export class Onward {
  readonly #next = new Map<string, ReadonlyMap<number, number>>();

  constructor(private readonly log: Log) {}

  async read(topic: string, onRecord: (record: LogRecord) => void): Promise<void> {
    const ranges = new Map<number, Range>();
    const before = this.#next.get(topic);
    for (const [partition, { start, end }] of await this.log.bounds(topic)) {
      ranges.set(partition, { from: before?.get(partition) ?? start, to: end });
    }
    await this.log.read(topic, ranges, onRecord);
    this.#next.set(topic, new Map([...ranges].map(([partition, { to }]) => [partition, to])));
  }

  /** By topic, the next offset of each partition. */
  get places(): ReadonlyMap<string, ReadonlyMap<number, number>> {
    return this.#next;
  }

  /** Begins a topic there instead of at its start. */
  startAt(topic: string, offsets: ReadonlyMap<number, number>): void {
    this.#next.set(topic, offsets);
  }
}
