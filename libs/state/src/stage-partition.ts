import { readPartition, logBounds, type CommitOffsets, type OutgoingRecord } from '@tributary/kafka';
import { join } from 'node:path';
import { KeyedState } from './keyed-state.js';
import { PartitionStore, TakenOverError } from './partition-store.js';
import type { PartitionTask, Phases, StageOptions } from './stage.js';

const MARKER = '@marker';
const DAY_MS = 86_400_000;
/** Compacted topics forget removals after seven days: a disk that is nearly as old may have missed one. */
const OLDEST_STORE_MS = 6 * DAY_MS;
const DIRTY_KEYS = 20_000;

interface StepResult {
  readonly phases: Phases;
  readonly input?: string;
  readonly endOffset?: number;
}

/** One partition of a stage: its store, its state, its timers, and the one queue in which all its steps run. */
export class StagePartition<S extends object> {
  readonly #options: StageOptions<S>;
  readonly #partition: number;
  readonly #store: PartitionStore;
  readonly #state: KeyedState<S>;
  readonly #commit: CommitOffsets;
  readonly #task: PartitionTask;
  readonly #offsets: Record<string, number>;
  readonly #now: () => number;
  #changelogOffset: number;
  #checkpointAt = 0;
  #moved = false;
  #queue: Promise<void> = Promise.resolve();
  #wakeAt = Infinity;
  #wakeTimer: NodeJS.Timeout | undefined;
  #checkpointTimer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(
    options: StageOptions<S>,
    partition: number,
    store: PartitionStore,
    commit: CommitOffsets,
  ) {
    this.#options = options;
    this.#partition = partition;
    this.#store = store;
    this.#commit = commit;
    this.#now = options.now ?? Date.now;
    this.#state = new KeyedState<S>(store, options.cachedKeys ?? 20_000);
    const meta = store.meta;
    this.#offsets = { ...meta?.offsets };
    this.#changelogOffset = meta?.changelogOffset ?? 0;
    this.#task = options.task({
      partition,
      state: this.#state,
      store,
      tablesBehind: meta?.tablesBehind,
      startOf: (input) => this.#offsets[input] ?? 0,
      wakeAt: (instant) => {
        this.#wake(instant);
      },
    });
  }

  /** Opens the store, catches up from the changelog with what other disks saw since, and runs `restored`. */
  static async open<S extends object>(
    options: StageOptions<S>,
    partition: number,
    commit: CommitOffsets,
  ): Promise<StagePartition<S>> {
    const dir = join(options.dataDir, 'state', options.name, String(partition));
    let store = await PartitionStore.open(dir);
    const age = (options.now ?? Date.now)() - (store.meta?.at ?? Infinity);
    if (age > OLDEST_STORE_MS) {
      await store.destroy(dir);
      store = await PartitionStore.open(dir);
    }
    if (options.changelog) await catchUp(options, options.changelog.name, partition, store);
    const opened = new StagePartition(options, partition, store, commit);
    await opened.run(async (task) => ({ phases: (await task.restored?.()) ?? [] }));
    return opened;
  }

  /** The next offset of each input. */
  get starts(): ReadonlyMap<string, number> {
    return new Map(this.#options.inputs.map((input) => [input, this.#offsets[input] ?? 0]));
  }

  /** Queues a step. It is done when what it publishes is acknowledged; then its offset counts as reached. */
  run(step: (task: PartitionTask) => Promise<StepResult>): Promise<void> {
    const done = this.#queue.then(async () => {
      if (this.#closed) return;
      const { phases, input, endOffset } = await step(this.#task);
      for (const records of phases) await this.#options.producer.send(records);
      if (input !== undefined && endOffset !== undefined) {
        this.#offsets[input] = endOffset;
        this.#moved = true;
      }
      await this.#checkpointIfDue();
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Finishes what is queued, writes a last checkpoint, lets go of the store. */
  async close(): Promise<void> {
    clearTimeout(this.#wakeTimer);
    clearTimeout(this.#checkpointTimer);
    const last = this.#queue.then(() => this.#checkpoint());
    this.#queue = last.catch(() => undefined);
    try {
      await last;
    } catch (error) {
      if (!(error instanceof TakenOverError)) throw error;
    } finally {
      this.#closed = true;
      clearTimeout(this.#checkpointTimer);
      await this.#store.close();
    }
  }

  async #checkpointIfDue(): Promise<void> {
    const every = this.#options.checkpointEveryMs ?? 1_000;
    const waited = this.#now() - this.#checkpointAt;
    if (waited >= every || this.#state.dirtyCount >= DIRTY_KEYS) {
      await this.#checkpoint();
    } else {
      this.#checkpointTimer ??= setTimeout(() => {
        this.#checkpointTimer = undefined;
        this.#spawn(() => Promise.resolve({ phases: [] }));
      }, every - waited);
    }
  }

  /**
   * 1. What follows from the inputs was acknowledged before (`run`). A crash here: it is published again, the same.
   * 2. The changelog. A crash here: the disk catches up from it; keys that ran ahead of the marker skip what they hold.
   * 3. The store, in one transaction. A crash here: the group's offsets are behind, and only watchers read them.
   * 4. The group's offsets.
   */
  async #checkpoint(): Promise<void> {
    const changes = this.#state.changes();
    if (!this.#moved && changes.length === 0) return;
    const at = this.#now();
    this.#store.assertOwned();
    await this.#writeChangelog(changes);
    await this.#store.commit(
      changes,
      { offsets: { ...this.#offsets }, changelogOffset: this.#changelogOffset, at },
      (writer) => this.#task.checkpoint?.(writer),
    );
    this.#state.settle();
    this.#moved = false;
    this.#checkpointAt = at;
    await this.#commit(this.starts).catch(() => undefined);
  }

  async #writeChangelog(changes: readonly (readonly [string, string | null])[]): Promise<void> {
    const { changelog, producer } = this.#options;
    if (!changelog) return;
    const record = (key: string, value: string | null): OutgoingRecord => ({
      topic: changelog.name,
      partition: this.#partition,
      key,
      value,
      headers: { schema: 'state@1' },
    });
    const records = changes.map(([key, value]) => record(key, value && changelogValue(value)));
    const offsets = await producer.send([
      ...records,
      record(MARKER, JSON.stringify({ workspaceId: '@', offsets: this.#offsets })),
    ]);
    this.#changelogOffset = (offsets.at(-1) ?? -1) + 1;
  }

  #wake(instant: number): void {
    if (instant >= this.#wakeAt) return;
    this.#wakeAt = instant;
    clearTimeout(this.#wakeTimer);
    const delay = Math.min(Math.max(0, instant - this.#now()), DAY_MS);
    this.#wakeTimer = setTimeout(() => {
      this.#wakeAt = Infinity;
      this.#spawn(async (task) => ({ phases: (await task.wake?.()) ?? [] }));
    }, delay);
  }

  #spawn(step: (task: PartitionTask) => Promise<StepResult>): void {
    if (this.#closed) return;
    this.run(step).catch((error: unknown) => {
      if (error instanceof TakenOverError) this.#closed = true;
      else this.#options.onFatal(error);
    });
  }
}

function changelogValue(entry: string): string {
  return `{"workspaceId":"@",${entry.slice(1)}`;
}

async function catchUp<S extends object>(
  options: StageOptions<S>,
  changelog: string,
  partition: number,
  store: PartitionStore,
): Promise<void> {
  const tablesBehind = store.meta?.tablesBehind ?? store.meta?.offsets ?? {};
  const from = store.meta?.changelogOffset ?? 0;
  const end = (await logBounds(options.connection, changelog)).get(partition)?.end ?? 0;
  if (from >= end) return;
  let offsets = store.meta?.offsets ?? {};
  let states = new Map<string, string | null>();
  const save = async (changelogOffset: number) => {
    await store.commit(states, { offsets, changelogOffset, tablesBehind, at: (options.now ?? Date.now)() });
    states = new Map();
  };
  const reached = await readPartition(
    options.connection,
    { topic: changelog, partition, from, to: end },
    async (record) => {
      if (record.key === MARKER) {
        offsets = (JSON.parse(record.value?.toString('utf8') ?? '{}') as { offsets: Record<string, number> })
          .offsets;
      } else {
        states.set(record.key, record.value?.toString('utf8') ?? null);
      }
      if (states.size >= DIRTY_KEYS) await save(record.offset + 1);
    },
  );
  await save(reached);
}
