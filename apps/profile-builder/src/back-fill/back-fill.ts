import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Tables, type ClickHouseClient } from '@tributary/clickhouse';
import { TOPICS } from '@tributary/contracts';
import { groupOffsets, KafkaConnection, type Logs } from '@tributary/kafka';
import { scopedKey } from '@tributary/kernel';
import {
  CONFIG,
  HEALTH,
  LOGGER,
  METRICS,
  type Config,
  type HealthRegistry,
  type Logger,
} from '@tributary/service';
import { Counter, Gauge, type Registry } from 'prom-client';
import { setTimeout as delay } from 'node:timers/promises';
import type { Generation, Unseeded } from '../fragments/active-aggregates.js';
import type { SowsPartition } from '../fragments/aggregates-life.js';
import type { PROFILE_BUILDER_SETTINGS } from '../profile-builder.config.js';
import { TABLES_GROUP } from '../tables/sinks.js';
import { BackFillPass } from './back-fill-pass.js';
import type { Lacking } from './past-fold.js';

/** How often it is looked whether the table of events is as far as an activation. */
const LOOK_EVERY_MS = 250;
/** So long the partitions that are ready wait for the others. */
const TOGETHER_WITHIN_MS = 5_000;
const RETRY_AFTER_MS = 1_000;
const RETRY_AT_LATEST_MS = 30_000;
/** Longer than this nothing waits for the table of events while ClickHouse answers. */
const LATE_AFTER_MS = 60_000;

interface OfPartition {
  readonly unseeded: readonly Unseeded[];
  readonly send: Logs['send'];
  /** What has been sown of it, by {@link nameOf}. */
  readonly sown: ReadonlySet<string>;
}

/** Where it reads and how fast it writes. */
export interface BackFillOptions {
  readonly clickhouse: Pick<ClickHouseClient, 'query'>;
  /** How far the table of events is: the next offset of `events.v1`, by partition. */
  readonly reached: () => Promise<ReadonlyMap<number, number>>;
  readonly seedsPerSecond: number;
  readonly onRows: (rows: number) => void;
  readonly onSeeds: (seeds: number) => void;
  /** Told how many aggregates of partitions lack what was before. */
  readonly onLacking: (count: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Sows the past of the aggregates of those partitions of `events.v1` that this process folds: all events of an identifier
 * are in one. One pass at a time, over all partitions and aggregates of a workspace that the table of events is ready for.
 */
export class PartitionsBackFill implements SowsPartition {
  readonly #partitions = new Map<number, OfPartition>();
  readonly #end = new AbortController();
  #running: Promise<void> | undefined;
  #current: { readonly of: string; readonly pass: BackFillPass } | undefined;
  #failure: unknown;
  #lateSince: number | undefined;

  constructor(private readonly options: BackFillOptions) {}

  lacks(partition: number, unseeded: readonly Unseeded[], send: Logs['send']): void {
    const names = new Set(unseeded.map(nameOf));
    const sown = [...(this.#partitions.get(partition)?.sown ?? [])].filter((name) => names.has(name));
    if (unseeded.length === 0) this.#partitions.delete(partition);
    else this.#partitions.set(partition, { unseeded, send, sown: new Set(sown) });
    this.options.onLacking(this.#lacking().length);
    if (this.#isClosed() || this.#lacking().length === 0) return;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Throws what keeps it from its work. */
  assertWorking(): true {
    if (this.#failure !== undefined) throw this.#failure as Error;
    if (this.#lateSince !== undefined && Date.now() - this.#lateSince > LATE_AFTER_MS)
      throw new Error('what was before an activation cannot be read: the table of events is behind it');
    return true;
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let retryAfterMs = RETRY_AFTER_MS;
    while (!this.#isClosed() && this.#lacking().length > 0) {
      try {
        if (!(await this.#turn())) await this.#pause(LOOK_EVERY_MS);
        retryAfterMs = RETRY_AFTER_MS;
        this.#failure = undefined;
      } catch (error) {
        if (this.#isClosed()) return;
        if (this.#failure === undefined) this.options.onFailure(error);
        this.#failure = error;
        await this.#pause(retryAfterMs);
        retryAfterMs = Math.min(2 * retryAfterMs, RETRY_AT_LATEST_MS);
      }
    }
    this.#failure = undefined;
    this.#lateSince = undefined;
  }

  /** Goes through what the table of events is ready for, of one workspace; whether there was any. */
  async #turn(): Promise<boolean> {
    const all = this.#lacking();
    const reached = all.some(({ offset }) => offset > 0) ? await this.options.reached() : new Map();
    const ready = all.filter(({ partition, offset }) => offset <= (reached.get(partition) ?? 0));
    const [first] = ready;
    this.#lateSince = ready.length === all.length ? undefined : (this.#lateSince ?? Date.now());
    const isEarly = this.#lateSince !== undefined && Date.now() - this.#lateSince < TOGETHER_WITHIN_MS;
    // One pass for all of them costs what one for the first would.
    if (!first || isEarly) return false;
    await this.#pass(ready.filter(({ workspaceId }) => workspaceId === first.workspaceId));
    return true;
  }

  async #pass(ready: readonly (Unseeded & { readonly partition: number })[]): Promise<void> {
    const of = ready.map((one) => `${one.partition} ${nameOf(one)}`).join('\n');
    // One that failed goes on where it was.
    if (this.#current?.of !== of) this.#current = { of, pass: this.#newPass(grouped(ready)) };
    const marked = await this.#current.pass.run();
    this.#current = undefined;
    for (const one of ready.filter(({ partition }) => marked.has(partition))) {
      const of = this.#partitions.get(one.partition);
      if (of) this.#partitions.set(one.partition, { ...of, sown: new Set([...of.sown, nameOf(one)]) });
    }
    this.options.onLacking(this.#lacking().length);
  }

  #newPass(lacking: readonly Lacking[]): BackFillPass {
    const { clickhouse, seedsPerSecond, onRows, onSeeds } = this.options;
    const began = performance.now();
    let seeds = 0;
    return new BackFillPass(lacking, {
      ...{ clickhouse, onRows, signal: this.#end.signal },
      send: (records) => this.#send(records),
      isAsked: (partition) => this.#partitions.has(partition),
      paced: async (more) => {
        const early = (seeds / seedsPerSecond) * 1_000 - (performance.now() - began);
        if (early > 0) await this.#pause(early);
        seeds += more;
        onSeeds(more);
      },
    });
  }

  /** By the way of one of the partitions: all of them have the same fence. */
  #send(records: Parameters<Logs['send']>[0]): ReturnType<Logs['send']> {
    const [of] = this.#partitions.values();
    if (!of || this.#isClosed())
      return Promise.reject(new Error('the partitions are not of this process any more'));
    return records.length > 0 ? of.send(records) : Promise.resolve([]);
  }

  #lacking(): readonly (Unseeded & { readonly partition: number })[] {
    return [...this.#partitions].flatMap(([partition, { unseeded, sown }]) =>
      unseeded.filter((one) => !sown.has(nameOf(one))).map((one) => ({ ...one, partition })),
    );
  }

  #isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#end.signal }).catch(() => undefined);
  }
}

/** The same, as the service runs it. */
@Injectable()
export class BackFill extends PartitionsBackFill implements OnModuleDestroy {
  constructor(
    @Inject(CONFIG) config: Config<typeof PROFILE_BUILDER_SETTINGS>,
    @Inject(Tables) tables: Tables,
    @Inject(KafkaConnection) connection: KafkaConnection,
    @Inject(LOGGER) logger: Logger,
    @Inject(METRICS) registry: Registry,
    @Inject(HEALTH) health: HealthRegistry,
  ) {
    const counter = (of: string, help: string) =>
      new Counter({
        ...{ name: `tributary_profile_builder_back_fill_${of}_total`, help, registers: [registry] },
      });
    const rows = counter('rows', 'events that were read from the tables for what was before an activation');
    const seeds = counter('seeds', 'seeds that were written');
    const lacking = new Gauge({
      name: 'tributary_profile_builder_back_fill_lacking',
      help: 'aggregates, each in each partition, that lack what was before their activation',
      registers: [registry],
    });
    super({
      clickhouse: tables.client,
      reached: () => groupOffsets(connection, TABLES_GROUP, TOPICS.events.name),
      seedsPerSecond: config.PROFILE_BUILDER_SEEDS_PER_SECOND,
      onRows: (count) => {
        rows.inc(count);
      },
      onSeeds: (count) => {
        seeds.inc(count);
      },
      onLacking: (count) => {
        lacking.set(count);
      },
      onFailure: (error) => {
        logger.warn(
          { err: error },
          'what was before an activation cannot be read or written; it is tried again',
        );
      },
    });
    health.add('back-fill', () => this.assertWorking(), { required: false, awaited: false });
  }

  async onModuleDestroy(): Promise<void> {
    await this.close();
  }
}

function nameOf({ workspaceId, aggregate, generation }: Unseeded): string {
  return `${scopedKey(workspaceId, aggregate.hash)} ${generation}`;
}

function grouped(ready: readonly (Unseeded & { readonly partition: number })[]): readonly Lacking[] {
  const byHash = new Map<string, Omit<Lacking, 'partitions'> & { partitions: Map<number, Generation> }>();
  for (const { workspaceId, aggregate, partition, ...generation } of ready) {
    const one = byHash.get(aggregate.hash) ?? { workspaceId, aggregate, partitions: new Map() };
    one.partitions.set(partition, generation);
    byHash.set(aggregate.hash, one);
  }
  return [...byHash.values()];
}
