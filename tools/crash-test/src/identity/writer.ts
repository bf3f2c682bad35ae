import { BatchingProducer, type KafkaConnection } from '@tributary/kafka';
import type { Identifier } from '@tributary/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../random.js';
import { cutRecord, eventRecord, rulesRecord } from './records.js';
import { RULES } from './rules.js';
import { Town } from './town.js';

const BATCH = 200;
const COPIES = 0.02;
/** Some collectors' clocks are wrong: their events were received before others that are in the log already. */
const BEHIND = 0.05;
const MOST_BEHIND_MS = 30_000;
const CUTS = 120;
const LIFTED = 0.4;
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
  copies: number;
  rulesChanges: number;
  cutsPut: number;
  cutsLifted: number;
  readonly identifiers: Set<Identifier>;
}

/** Writes the town's events, and between them rules and cuts, straight to the log. */
export class Writer {
  readonly written: Written = {
    ...{ events: 0, copies: 0, rulesChanges: 0, cutsPut: 0, cutsLifted: 0 },
    identifiers: new Set(),
  };
  readonly #random: Random;
  readonly #town: Town;
  readonly #producer: BatchingProducer;
  readonly #cuts: (readonly [Identifier, Identifier])[] = [];

  constructor(
    connection: KafkaConnection,
    private readonly options: WriterOptions,
  ) {
    this.#random = new Random(options.seed, 'writer');
    this.#town = new Town(options.seed);
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
      const identifiers = this.#town.next();
      for (const id of identifiers) this.written.identifiers.add(id);
      const behind = this.#random.chance(BEHIND) ? this.#random.between(1, MOST_BEHIND_MS) : 0;
      const record = eventRecord(identifiers, `m-${this.written.events}`, now - behind);
      this.written.events += 1;
      if (!this.#random.chance(COPIES)) return [record];
      this.written.copies += 1;
      return [record, record];
    }).flat();
  }

  /** What is due after so much of the events. */
  async #control(share: number): Promise<void> {
    const { rulesChanges } = this.written;
    const rules = RULES[rulesChanges % RULES.length];
    if (rules && share >= (RULES_AFTER[rulesChanges] ?? Infinity)) {
      await this.options.areAssigned();
      await this.#producer.send([rulesRecord(rules)]);
      this.written.rulesChanges += 1;
      this.options.say(`rules changed after ${this.written.events} events`);
    }
    while (this.written.cutsPut < Math.floor(share * CUTS)) await this.#cut();
  }

  async #cut(): Promise<void> {
    const pair = this.#town.pair();
    await this.#producer.send([cutRecord(pair, true)]);
    this.#cuts.push(pair);
    this.written.cutsPut += 1;
    if (!this.#random.chance(LIFTED)) return;
    const lifted = this.#random.pick(this.#cuts);
    await this.#producer.send([cutRecord(lifted, false)]);
    this.written.cutsLifted += 1;
  }
}
