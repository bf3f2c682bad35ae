import { BatchingProducer, type KafkaConnection } from '@tributary/kafka';
import type { Identifier } from '@tributary/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import {
  eventRecord,
  Population,
  POPULATION_RULES,
  Random,
  rulesRecord,
  splitRecord,
} from '@tributary/harness/people';

const BATCH = 200;
const DUPLICATES = 0.02;
/** Some collectors' clocks are wrong: their events were received before others that are in the log already. */
const BEHIND = 0.05;
const MOST_BEHIND_MS = 30_000;
const SPLITS = 120;
const REMOVED = 0.4;
const RULES_AFTER = [0.35, 0.7] as const;

export interface WriterOptions {
  readonly seed: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly say: (line: string) => void;
  /** Resolves when identity has assigned profiles by the rules in force, so that other rules change some of them. */
  readonly areAssigned: () => Promise<void>;
}

/** What was written. */
export interface Written {
  events: number;
  duplicates: number;
  rulesChanges: number;
  splitsPut: number;
  splitsRemoved: number;
  readonly identifiers: Set<Identifier>;
}

/** Writes the population's events, and between them rules and splits, straight to the log. */
export class Writer {
  readonly written: Written = {
    ...{ events: 0, duplicates: 0, rulesChanges: 0, splitsPut: 0, splitsRemoved: 0 },
    identifiers: new Set(),
  };
  readonly #random: Random;
  readonly #population: Population;
  readonly #producer: BatchingProducer;
  readonly #splits: (readonly [Identifier, Identifier])[] = [];

  constructor(
    connection: KafkaConnection,
    private readonly options: WriterOptions,
  ) {
    this.#random = new Random(options.seed, 'writer');
    this.#population = new Population(options.seed);
    this.#producer = new BatchingProducer(connection);
  }

  async run(): Promise<void> {
    const { events, eventsPerSecond } = this.options;
    await this.#producer.connect();
    const began = performance.now();
    while (this.written.events < events) {
      await this.#producer.send(this.#batch(Math.min(BATCH, events - this.written.events)));
      await this.#control(this.written.events / events);
      const ahead = (this.written.events * 1_000) / eventsPerSecond - (performance.now() - began);
      if (ahead > 0) await delay(ahead);
    }
    await this.#producer.disconnect();
  }

  #batch(count: number) {
    const now = Date.now();
    return Array.from({ length: count }, () => {
      const identifiers = this.#population.next();
      for (const id of identifiers) this.written.identifiers.add(id);
      const behind = this.#random.chance(BEHIND) ? this.#random.between(1, MOST_BEHIND_MS) : 0;
      const record = eventRecord(identifiers, `m-${this.written.events}`, now - behind);
      this.written.events += 1;
      if (!this.#random.chance(DUPLICATES)) return [record];
      this.written.duplicates += 1;
      return [record, record];
    }).flat();
  }

  /** What is due after so much of the events. */
  async #control(share: number): Promise<void> {
    const { rulesChanges } = this.written;
    const rules = POPULATION_RULES[rulesChanges % POPULATION_RULES.length];
    if (rules && share >= (RULES_AFTER[rulesChanges] ?? Infinity)) {
      await this.options.areAssigned();
      await this.#producer.send([rulesRecord(rules)]);
      this.written.rulesChanges += 1;
      this.options.say(`rules changed after ${this.written.events} events`);
    }
    while (this.written.splitsPut < Math.floor(share * SPLITS)) await this.#split();
  }

  async #split(): Promise<void> {
    const pair = this.#population.pair();
    await this.#producer.send([splitRecord(pair, true)]);
    this.#splits.push(pair);
    this.written.splitsPut += 1;
    if (!this.#random.chance(REMOVED)) return;
    const removed = this.#random.pick(this.#splits);
    await this.#producer.send([splitRecord(removed, false)]);
    this.written.splitsRemoved += 1;
  }
}
