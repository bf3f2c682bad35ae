import type { Topic } from '@tributary/contracts';
import type { LogRecord, Logs, OutgoingRecord } from '@tributary/kafka';
import {
  toProcessorOptions,
  type Definitions,
  type ProcessorDeclaration,
  type ProcessorSetup,
} from '@tributary/processing';
import {
  PartitionStore,
  Processor,
  type KeyedState,
  type PartitionProcessor,
  type ProcessorOptions,
} from '@tributary/state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { DrivenClock } from './driven-clock.js';
import { DrivenLogs, RefusedError, type Fed } from './driven-logs.js';

/** A processor but for what the driver brings. */
export type DrivenProcessor<S extends object> = Omit<
  ProcessorOptions<S>,
  'dataDir' | 'logs' | 'now' | 'schedule' | 'onFatal'
>;

/** What a driven processor stands in. */
export interface DriverOptions {
  /** One of its own unless given. */
  readonly clock?: DrivenClock;
  /** Some of its own unless given. */
  readonly logs?: DrivenLogs;
  /** How many each topic of its own logs has; 1 unless given. */
  readonly partitions?: number;
  /** 0 unless given. */
  readonly partition?: number;
  /** Milliseconds from a fold to its checkpoint; unless given, only `restart` writes one. */
  readonly checkpointEveryMs?: number;
  /** Milliseconds from a checkpoint to that of the changelog; as the processor has it unless given. */
  readonly changelogEveryMs?: number;
}

/** What a declared processor is made with. */
export type DeclaredOptions<C, D, B = undefined> = DriverOptions & {
  readonly config: C;
  readonly beside?: B;
} & (D extends Definitions ? { readonly definitions: Omit<D, keyof Definitions> } : unknown);

/**
 * Runs one partition of a processor as it runs in production, over logs in memory and a clock that the spec moves: no
 * broker, a real store on disk. What it writes to a topic that it also reads is in the log, for the next `poll`.
 */
export class ProcessorDriver<S extends object> {
  readonly clock: DrivenClock;
  readonly logs: DrivenLogs;
  readonly #options: ProcessorOptions<S>;
  readonly #partition: number;
  readonly #dataDir: string;
  readonly #published: LogRecord[] = [];
  #fatal: unknown[] = [];
  #processor: Processor<S>;
  #isDead = false;
  #positions = new Map<string, number>();
  #state: KeyedState<S> | undefined;
  #inner: PartitionProcessor | undefined;

  private constructor(
    make: (logs: Logs, now: () => number) => DrivenProcessor<S>,
    options: DriverOptions,
    dataDir: string,
  ) {
    const {
      clock = new DrivenClock(),
      partitions = 1,
      partition = 0,
      checkpointEveryMs = Infinity,
      changelogEveryMs,
    } = options;
    const { logs = new DrivenLogs(clock, partitions) } = options;
    this.clock = clock;
    this.logs = logs;
    this.#partition = partition;
    this.#dataDir = dataDir;
    const own: Logs = {
      bounds: (topic) => logs.bounds(topic),
      read: (range, onRecord) => logs.read(range, onRecord),
      send: (records) =>
        this.#isDead
          ? Promise.reject(new RefusedError())
          : logs.send(records, (record) => this.#published.push(record)),
    };
    const driven = make(own, clock.now);
    this.#options = {
      checkpointEveryMs,
      ...(changelogEveryMs === undefined ? {} : { changelogEveryMs }),
      ...driven,
      ...{ dataDir, logs: own, now: clock.now, schedule: clock.schedule },
      onFatal: (error) => {
        if (!this.#isDead) this.#fatal.push(error);
      },
      processor: (context) => {
        this.#state = context.state;
        this.#inner = driven.processor(context);
        return this.#inner;
      },
    };
    this.#processor = new Processor(this.#options);
  }

  /** Starts a processor on an empty disk. */
  static async start<S extends object>(
    driven: DrivenProcessor<S>,
    options: DriverOptions = {},
  ): Promise<ProcessorDriver<S>> {
    return ProcessorDriver.#start(() => driven, options);
  }

  /** Starts what an application declares, on an empty disk. */
  static async declared<C, S extends object, D extends Definitions | undefined, B = undefined>(
    declaration: ProcessorDeclaration<C, S, D, B>,
    options: DeclaredOptions<C, D, B>,
  ): Promise<ProcessorDriver<S>> {
    const {
      config,
      beside,
      definitions = {},
    } = options as DriverOptions & {
      config: C;
      beside?: B;
      definitions?: object;
    };
    const given = { config, beside, definitions: definitions as ProcessorSetup<C, D>['definitions'] };
    const make = (logs: Logs, now: () => number) =>
      toProcessorOptions(declaration, { ...given, logs, now, metrics: new Registry() });
    return ProcessorDriver.#start(make, options);
  }

  static async #start<S extends object>(
    make: (logs: Logs, now: () => number) => DrivenProcessor<S>,
    options: DriverOptions,
  ): Promise<ProcessorDriver<S>> {
    const driver = new ProcessorDriver<S>(make, options, await mkdtemp(join(tmpdir(), 'driven-')));
    await driver.#open();
    return driver;
  }

  /** The states of the present life. What a spec changes in them, the processor sees. */
  get state(): KeyedState<S> {
    if (!this.#state) throw new Error('the processor has no state: it has not started');
    return this.#state;
  }

  /** All that it published to a topic, in every life. */
  outputs({ name }: Topic): readonly LogRecord[] {
    return this.#published.filter(({ topic }) => topic === name);
  }

  /** Writes to an input, and hands over all that its inputs hold and it has not read. Answers with what it published. */
  feed(topic: Topic, records: readonly Fed[]): Promise<readonly LogRecord[]> {
    this.logs.write(topic, records, this.#partition);
    return this.poll();
  }

  /** Hands over what its inputs hold and it has not read, of each so many records at most, as one batch. */
  poll(most = Infinity): Promise<readonly LogRecord[]> {
    return this.#publishing(async () => {
      for (const topic of this.#options.inputs) {
        const log = this.logs.records({ name: topic }, this.#partition);
        const from = this.#positions.get(topic) ?? 0;
        const records = log.slice(from, from + most);
        if (records.length === 0) continue;
        const endOffset = from + records.length;
        const batch = { topic, partition: this.#partition, records, endOffset, logEnd: log.length };
        await this.#processor.handle(batch);
        this.#positions.set(topic, endOffset);
      }
    });
  }

  /** Goes back in an input: what lies behind the offset is handed over again by the next `poll`. */
  replay({ name }: Topic, offset = 0): void {
    this.#positions.set(name, offset);
  }

  /** Moves the clock on; what it asked to be woken for on the way happens, each at its instant. Waits for checkpoints. */
  advance(ms: number): Promise<readonly LogRecord[]> {
    return this.#publishing(async () => {
      await this.#processor.settled();
      await this.clock.advance(ms);
      await this.#processor.settled();
    });
  }

  /** The definitions that it reads are others now. */
  redefined(): Promise<readonly LogRecord[]> {
    return this.#publishing(() => this.#processor.redefined());
  }

  /** What it says of a key that another wrote to a topic of its own. */
  republish({ name }: Topic, key: string): OutgoingRecord | undefined {
    return this.#inner?.republish?.(name, key);
  }

  /** What it answers whoever asks for a key. */
  read(key: string): string | undefined {
    return this.#inner?.read?.(key);
  }

  /** Writes a checkpoint, ends, and starts from it. */
  restart(): Promise<readonly LogRecord[]> {
    return this.#publishing(async () => {
      await this.#processor.revoked(this.#partition);
      await this.#open();
    });
  }

  /** Loses what no checkpoint holds, or the whole disk, and starts from what is left. */
  crash({ disk = 'kept' }: { readonly disk?: 'kept' | 'lost' } = {}): Promise<readonly LogRecord[]> {
    return this.#publishing(async () => {
      await this.#die(disk);
      await this.#open();
    });
  }

  /** Ends, and removes the disk. */
  async close(): Promise<void> {
    await this.#die('lost');
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** What would be written still is refused: by the logs, and by the store, which opening takes over. */
  async #die(disk: 'kept' | 'lost'): Promise<void> {
    const dir = join(this.#dataDir, 'state', this.#options.name, String(this.#partition));
    this.#isDead = true;
    const store = await PartitionStore.open(dir);
    await this.#processor.revoked(this.#partition).catch((error: unknown) => {
      if (!(error instanceof RefusedError)) throw error;
    });
    // The end of a life that the logs refused is its crash.
    this.#fatal = this.#fatal.filter((error) => !(error instanceof RefusedError));
    if (disk === 'lost') await store.destroy(dir);
    else await store.close();
  }

  async #open(): Promise<void> {
    this.#isDead = false;
    this.#processor = new Processor(this.#options);
    const starts = await this.#processor.assigned(this.#partition, () => Promise.resolve());
    this.#positions = new Map(starts);
  }

  async #publishing(step: () => Promise<void>): Promise<readonly LogRecord[]> {
    const before = this.#published.length;
    await step();
    if (this.#fatal.length > 0) throw this.#fatal.shift();
    const { changelog } = this.#options;
    return this.#published.slice(before).filter(({ topic }) => topic !== changelog?.name);
  }
}
