import {
  PartitionMovedError,
  yieldToEventLoop,
  type CommitOffsets,
  type PartitionBatch,
} from '@tributary/kafka';
import { beginEpoch, catchUp, type Changelog } from './changelog.js';
import { CheckpointWriter } from './checkpoint-writer.js';
import { KeyedState } from './keyed-state.js';
import { onTheEventLoop } from './event-loop-schedule.js';
import { OwnedLogs } from './owned-logs.js';
import { assertDeclared } from './undeclared-topic.js';
import { PartitionStore, TakenOverError } from './partition-store.js';
import { validated, deadLetterRecord } from './dead-letter.js';
import { openStore } from './open-store.js';
import { FIRST_FORMAT } from './state-format.js';
import type { PartitionProcessor, Phases, ProcessorOptions, Reading, Schedule } from './processor-options.js';

const DAY_MS = 86_400_000;
/** Unless a processor says otherwise. */
const CHECKPOINT_EVERY_MS = 1_000;
/** What a checkpoint holds up the event loop for grows with them. */
const DIRTY_KEYS = 4_000;
const CACHE_BYTES = 4 * 1024 * 1024;

interface StepResult {
  readonly phases: Phases;
  readonly input?: string;
  readonly endOffset?: number;
  /** There is more to fold already. */
  readonly isBehind?: boolean;
  /** The instant of the last record that was folded. */
  readonly reached?: number | undefined;
}

/** One partition of a processor: its store, its state, its timers, and the one queue in which all its steps run. */
export class PartitionRunner<S extends object> {
  readonly #options: ProcessorOptions<S>;
  readonly #partition: number;
  readonly #store: PartitionStore;
  readonly #state: KeyedState<S>;
  readonly #commit: CommitOffsets;
  readonly #checkpoints: CheckpointWriter<S>;
  readonly #logs: OwnedLogs;
  readonly #processor: PartitionProcessor;
  readonly #offsets: Record<string, number>;
  readonly #now: () => number;
  readonly #schedule: Schedule;
  #checkpointAt = 0;
  /** The checkpoint that is being written; steps go on meanwhile. */
  #writing: Promise<void> | undefined;
  /** What the last step publishes; the next one folds meanwhile. */
  #publishing: Promise<void> = Promise.resolve();
  #takenOver: TakenOverError | undefined;
  #failure: { readonly error: unknown } | undefined;
  #moved = false;
  /** Of each input that has more to fold, the instant up to which it is folded. */
  readonly #behind = new Map<string, number>();
  #queue: Promise<void> = Promise.resolve();
  #wakeAt = Infinity;
  #cancelWake: (() => void) | undefined;
  #isCheckpointAskedFor = false;
  #remindedFor = Infinity;
  #cancelCheckpoint: (() => void) | undefined;
  #closed = false;

  private constructor(
    options: ProcessorOptions<S>,
    partition: number,
    store: PartitionStore,
    commit: CommitOffsets,
    changelog: Changelog | undefined,
  ) {
    this.#options = options;
    this.#partition = partition;
    this.#store = store;
    this.#commit = commit;
    this.#now = options.now ?? Date.now;
    this.#schedule = options.schedule ?? onTheEventLoop;
    this.#state = new KeyedState<S>(store, options.cacheBytes ?? CACHE_BYTES);
    const meta = store.meta;
    this.#offsets = { ...meta?.offsets };
    const { logs, onRepaired, changelogEveryMs, format = FIRST_FORMAT } = options;
    const own = (topic: string, key: string) =>
      topic === changelog?.topic ? this.#checkpoints.own(key) : this.#processor.republish?.(topic, key);
    this.#logs = new OwnedLogs({ logs, partition, own, onRepaired });
    this.#checkpoints = new CheckpointWriter({
      ...{ store, state: this.#state, logs: this.#logs, changelog, changelogEveryMs },
      format: format.version,
    });
    this.#processor = options.processor({
      partition,
      state: this.#state,
      store,
      tablesBehind: meta?.tablesBehind,
      startOf: (input) => this.#offsets[input] ?? 0,
      checkpoint: () => {
        this.#isCheckpointAskedFor = true;
      },
      wakeAt: (instant) => {
        this.#wake(instant);
      },
    });
  }

  /** Opens the store, catches up from the changelog with what other disks saw since, and runs `restored`. */
  static async open<S extends object>(
    options: ProcessorOptions<S>,
    partition: number,
    commit: CommitOffsets,
  ): Promise<PartitionRunner<S>> {
    const store = await openStore(options, partition);
    try {
      return await PartitionRunner.#restore(options, partition, commit, store);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  static async #restore<S extends object>(
    options: ProcessorOptions<S>,
    partition: number,
    commit: CommitOffsets,
    store: PartitionStore,
  ): Promise<PartitionRunner<S>> {
    // The epoch record first: whatever an owner before this one still writes is in front of it and read, or behind it and void.
    const { format = FIRST_FORMAT } = options;
    const changelog =
      options.changelog &&
      (await beginEpoch(options.logs, { topic: options.changelog.name, partition, format }));
    const stale = changelog && (await catchUp(options.logs, changelog, store, options.now ?? Date.now));
    const opened = new PartitionRunner(options, partition, store, commit, changelog);
    try {
      await opened.#checkpoints.begin(opened.#offsets, opened.#now(), stale);
      for (const topic of options.owns ?? []) await opened.#logs.watch(topic);
      await opened.run(async (processor) => ({ phases: (await processor.restored?.()) ?? [] }));
    } catch (error) {
      opened.#end();
      throw error;
    }
    return opened;
  }

  /** Nothing that was scheduled runs any more. */
  #end(): void {
    this.#closed = true;
    this.#processor.closed?.();
    for (const cancel of [this.#cancelWake, this.#cancelCheckpoint]) cancel?.();
  }

  /** The next offset of each input. */
  get starts(): ReadonlyMap<string, number> {
    return new Map(this.#options.inputs.map((input) => [input, this.#offsets[input] ?? 0]));
  }

  /**
   * Queues a step. It is done when what it publishes is acknowledged. Where there is more to fold already it is done
   * before that: the next step folds meanwhile, and publishes when this one is acknowledged; a checkpoint waits for it.
   * A processor that hears of acknowledgements is told before its next step.
   *
   * @throws PartitionMovedError once the partition is closed, TakenOverError once another has opened its store, and what
   *   the step before could not publish
   */
  run(step: (processor: PartitionProcessor) => Promise<StepResult>): Promise<void> {
    const done = this.#queue.then(async () => {
      if (this.#takenOver) throw this.#takenOver;
      if (this.#failure) throw this.#failure.error;
      if (this.#closed) throw new PartitionMovedError(this.#partition);
      const { phases, input, endOffset, isBehind = false, reached } = await step(this.#processor);
      await this.#publishing;
      this.#publishInTheBackground(phases);
      if (!isBehind || this.#processor.acknowledged) await this.#publishing;
      if (input !== undefined && endOffset !== undefined) {
        this.#offsets[input] = endOffset;
        this.#moved = true;
        if (!isBehind) this.#behind.delete(input);
        else if (reached !== undefined) this.#behind.set(input, reached);
      }
      if (this.#isCheckpointAskedFor) await this.#checkpointNow();
      else await this.#checkpointIfDue();
    });
    this.#queue = done.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    return done;
  }

  /**
   * 1. What cannot be read is dead-lettered, and acknowledged. A crash here: it is dead-lettered again, under the same key.
   * 2. The answer, without it, is folded.
   */
  async readable(batch: PartitionBatch): Promise<PartitionBatch> {
    const { name, logs, validators, onDeadLetter } = this.#options;
    const { readable, unreadable } = validated(batch, validators?.[batch.topic]);
    if (unreadable.length > 0) await logs.send(unreadable.map((one) => deadLetterRecord(name, one)));
    for (const { record, error } of unreadable) {
      const { topic, partition, offset } = record;
      onDeadLetter?.({ processor: name, topic, partition, offset, error });
    }
    return readable;
  }

  /** Reads the state as the last step left it: steps change it in one turn of the event loop. */
  read(key: string): Reading | undefined {
    if (this.#closed || this.#takenOver || this.#failure) return undefined;
    return { text: this.#processor.read?.(key), asOf: Math.min(this.#now(), ...this.#behind.values()) };
  }

  /** Resolves when no checkpoint is under way; rejects once the partition was taken over. */
  async settled(): Promise<void> {
    await this.#queue;
    await this.#publishing;
    await this.#writing;
    if (this.#takenOver) throw this.#takenOver;
  }

  /** Finishes what is queued, writes a last checkpoint, lets go of the store. */
  async close(): Promise<void> {
    this.#cancelWake?.();
    this.#cancelCheckpoint?.();
    const last = this.#queue.then(async () => {
      await this.#publishing.catch(() => undefined);
      await this.#writing;
      if (!this.#takenOver && !this.#failure) await this.#checkpoint({ isWhole: true });
    });
    this.#queue = last.catch(() => undefined);
    try {
      await last;
    } catch (error) {
      if (!(error instanceof TakenOverError)) throw error;
    } finally {
      this.#end();
      await this.#store.close();
    }
  }

  /** No step runs meanwhile: the next one relies on it. A crash here: the step has not been, or is not to be taken again. */
  async #checkpointNow(): Promise<void> {
    this.#isCheckpointAskedFor = false;
    await this.#writing;
    if (this.#takenOver) throw this.#takenOver;
    await this.#checkpoint({ isWhole: true });
    this.#publishInTheBackground((await this.#processor.checkpointed?.()) ?? []);
    await this.#publishing;
  }

  /** Nothing is folded or written any more: what was folded may not have been published. */
  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    this.#options.onFatal(error);
  }

  #publishInTheBackground(phases: Phases): void {
    const { name, publishes } = this.#options;
    for (const records of phases) assertDeclared(name, publishes, records);
    const publishing = this.#publish(phases);
    this.#publishing = publishing;
    publishing.catch((error: unknown) => {
      this.#fail(error);
    });
  }

  async #publish(phases: Phases): Promise<void> {
    for (const records of phases) {
      const offsets = await this.#logs.send(records);
      this.#processor.acknowledged?.(records, offsets);
    }
  }

  /** Begins a checkpoint that is due; waits for one that is under way only where too much would gather behind it. */
  async #checkpointIfDue(): Promise<void> {
    const isFull = this.#state.dirtyCount >= DIRTY_KEYS;
    if (isFull) await this.#writing;
    if (this.#writing) return;
    if (this.#checkpointDueIn() > 0 && !isFull) {
      this.#remindOfCheckpoint();
      return;
    }
    await yieldToEventLoop();
    this.#writing = this.#writeInTheBackground();
  }

  /** Milliseconds; at once where the clock has gone back. */
  #checkpointDueIn(): number {
    const every = this.#options.checkpointEveryMs ?? CHECKPOINT_EVERY_MS;
    const left = every - (this.#now() - this.#checkpointAt);
    return left > every ? 0 : Math.max(0, left);
  }

  #remindOfCheckpoint(): void {
    const hasNews = this.#moved || this.#state.dirtyCount > 0;
    const dueIn = Math.max(this.#checkpointDueIn(), hasNews ? 0 : this.#checkpoints.dueIn(this.#now()));
    const at = this.#now() + dueIn;
    if (at >= this.#remindedFor) return;
    this.#remindedFor = at;
    this.#cancelCheckpoint?.();
    this.#cancelCheckpoint = this.#schedule(dueIn, () => {
      this.#remindedFor = Infinity;
      return this.#spawn(() => Promise.resolve({ phases: [] }));
    });
  }

  async #writeInTheBackground(): Promise<void> {
    try {
      await this.#checkpoint();
    } catch (error) {
      if (error instanceof TakenOverError) this.#takenOver = error;
      else this.#fail(error);
    } finally {
      this.#writing = undefined;
    }
    this.#remindOfCheckpoint();
  }

  /**
   * 1. The states as they are between two steps, once what follows from the inputs up to there is acknowledged.
   *    A crash before: it is published again, the same.
   * 2. The group's offsets. A crash before: they are behind, and only watchers read them.
   */
  async #checkpoint({ isWhole = false } = {}): Promise<void> {
    const at = this.#now();
    const logDueIn = this.#checkpoints.dueIn(at);
    const isLogDue = logDueIn === 0 || (isWhole && logDueIn < Infinity);
    if (!this.#moved && this.#state.dirtyCount === 0 && !isLogDue) return;
    const starts = this.starts;
    this.#moved = false;
    this.#checkpointAt = at;
    await this.#checkpoints.write({
      offsets: { ...this.#offsets },
      at,
      stage: (writer) => this.#processor.checkpoint?.(writer),
      published: this.#publishing,
      isWhole,
    });
    await this.#commit(starts);
  }

  #wake(instant: number): void {
    if (instant >= this.#wakeAt) return;
    this.#wakeAt = instant;
    this.#cancelWake?.();
    const delay = Math.min(Math.max(0, instant - this.#now()), DAY_MS);
    this.#cancelWake = this.#schedule(delay, () => {
      this.#wakeAt = Infinity;
      return this.#spawn(async (processor) => ({ phases: (await processor.wake?.()) ?? [] }));
    });
  }

  async #spawn(step: (processor: PartitionProcessor) => Promise<StepResult>): Promise<void> {
    if (this.#closed) return;
    try {
      await this.run(step);
    } catch (error) {
      if (!(error instanceof TakenOverError || error instanceof PartitionMovedError))
        this.#options.onFatal(error);
    }
  }
}
