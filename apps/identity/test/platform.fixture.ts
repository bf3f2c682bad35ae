import { TOPICS, type Topic } from '@tributary/contracts';
import { DrivenClock, DrivenLogs, ProcessorDriver } from '@tributary/drivers';
import type { ObservationsState } from '@tributary/identity';
import type { LogRecord } from '@tributary/kafka';
import { partitionOf, scopedKey, toInstant, type Identifier } from '@tributary/kernel';
import type { ErasedState } from '@tributary/state';
import { OBSERVATIONS } from '../src/observations/observations.module.js';
import { RESOLVER } from '../src/resolver/resolver.module.js';
import type { IdentityState } from '../src/resolver/resolver.processor.js';

const BEGINS_AT = Date.UTC(2026, 0, 2);

/** All of identity, each of its partitions as its runner runs it, over logs in memory. */
export class Platform {
  readonly clock = new DrivenClock(BEGINS_AT);
  readonly #logs: DrivenLogs;
  readonly #observations: ProcessorDriver<ObservationsState | ErasedState>[] = [];
  readonly #resolvers: ProcessorDriver<IdentityState>[] = [];
  #events = 0;

  private constructor(private readonly partitions: number) {
    this.#logs = new DrivenLogs(this.clock, partitions);
  }

  static async start(partitions: number): Promise<Platform> {
    const platform = new Platform(partitions);
    const config = {
      IDENTITY_CACHE_BYTES: 64_000_000,
      IDENTITY_REVIEWS_PER_SECOND: 2_000,
      KAFKA_PARTITIONS: partitions,
    };
    const definitions = { rules: [], splitsAfter: () => [] };
    for (let partition = 0; partition < partitions; partition += 1) {
      const where = { clock: platform.clock, logs: platform.#logs, partition, checkpointEveryMs: 1_000 };
      platform.#observations.push(await ProcessorDriver.declared(OBSERVATIONS, { ...where, config }));
      platform.#resolvers.push(await ProcessorDriver.declared(RESOLVER, { ...where, config, definitions }));
    }
    return platform;
  }

  /** Events, each a millisecond after the one before, and no more: nothing reads them yet. */
  write(...events: readonly (readonly Identifier[])[]): void {
    for (const identifiers of events) this.writeAt(this.#events, identifiers);
  }

  /** Events that were received so many milliseconds after the first. */
  writeAt(receivedAfterMs: number, ...events: readonly (readonly Identifier[])[]): void {
    for (const identifiers of events) {
      const key = scopedKey('w', identifiers[0] ?? '');
      const headers = {
        ...{ schema: 'event@1', type: 'track', messageId: `m${this.#events}` },
        receivedAt: toInstant(BEGINS_AT + receivedAfterMs),
        identifiers: JSON.stringify(identifiers),
      };
      this.#events += 1;
      this.#logs.write(TOPICS.events, [{ key, value: '{}', headers }], partitionOf(key, this.partitions));
    }
  }

  /** Forgets what was received so far of each; nothing reads it yet. */
  erase(...identifiers: readonly Identifier[]): void {
    const headers = { schema: 'erasure@1', until: toInstant(BEGINS_AT + this.#events - 1) };
    for (const identifier of identifiers) {
      const key = scopedKey('w', identifier);
      this.#logs.write(TOPICS.events, [{ key, value: '{}', headers }], partitionOf(key, this.partitions));
    }
  }

  /** What is left of a compacted topic: of each key the last record, unless it removes it. */
  compacted(topic: Topic): readonly LogRecord[] {
    const last = new Map(this.records(topic).map((record) => [record.key, record]));
    return [...last.values()].filter(({ value }) => value !== null);
  }

  /** Ends every process, and begins from its last checkpoint. */
  async crash(): Promise<void> {
    for (const driver of this.#drivers) await driver.crash();
  }

  /** Lets all partitions read, each in its turn, until nothing follows any more. */
  async settle(): Promise<void> {
    let present: number;
    do {
      present = this.#present();
      for (const driver of this.#drivers) await driver.poll();
      if (this.#present() === present) await this.#pass(50);
    } while (this.#present() > present);
  }

  /** Writes what is left to checkpoint, and the changelog. */
  async checkpoint(): Promise<void> {
    for (let seconds = 0; seconds < 35; seconds += 5) await this.#pass(5_000);
  }

  /** The clock is everybody's: it moves once, and then all have done what was due. */
  async #pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    for (const driver of this.#drivers) await driver.advance(0);
  }

  #present(): number {
    let count = 0;
    for (let partition = 0; partition < this.partitions; partition += 1)
      for (const topic of [TOPICS.links, TOPICS.assignments])
        count += this.#logs.records(topic, partition).length;
    return count;
  }

  /** The biggest state that is written down or would be. */
  widestState(): number {
    let widest = 0;
    for (const driver of this.#drivers)
      for (const { state } of driver.state.all())
        widest = Math.max(widest, Buffer.byteLength(JSON.stringify(state)));
    return widest;
  }

  /** Everything that is kept, under its keys. */
  states(): readonly object[] {
    return this.#drivers.flatMap((driver) => [...driver.state.all()]);
  }

  get #drivers() {
    return [...this.#observations, ...this.#resolvers];
  }

  /** All that a topic holds, but for what owners write of their partitions. */
  records(topic: Topic): readonly LogRecord[] {
    return Array.from({ length: this.partitions }, (_, partition) => this.#logs.records(topic, partition))
      .flat()
      .filter(({ key }) => !key.startsWith('@'));
  }

  async close(): Promise<void> {
    for (const driver of this.#drivers) await driver.close();
  }
}
