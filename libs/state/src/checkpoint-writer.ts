import { yieldToEventLoop, type OutgoingRecord } from '@tributary/kafka';
import { isOfPartition, markerRecord, stateRecord, type Changelog } from './changelog.js';
import type { KeyedState } from './keyed-state.js';
import type { OwnedLogs } from './owned-logs.js';
import type { PartitionStore } from './partition-store.js';
import type { TableWriter } from './staged-tables.js';

/** Unless a processor says otherwise. */
const CHANGELOG_EVERY_MS = 30_000;
/** What a lost disk costs to fold again, and what the set of keys takes in memory, grow with them. */
const UNLOGGED_KEYS = 20_000;
const RECORDS_AT_ONCE = 2_000;
const UNLOGGED = '@unlogged';

interface Surroundings<S extends object> {
  readonly store: PartitionStore;
  readonly state: KeyedState<S>;
  readonly logs: OwnedLogs;
  /** Absent where the inputs are the changelog. */
  readonly changelog: Changelog | undefined;
  /** At most so long from a checkpoint to that of the changelog; 30,000 ms unless given. */
  readonly changelogEveryMs: number | undefined;
  readonly format: number;
}

/** What a checkpoint is as of. */
export interface CheckpointOf {
  /** The next offset of each input. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Stages the tables of the processor. */
  readonly stage: (writer: TableWriter) => void;
  /** What follows from the inputs up to there is acknowledged. */
  readonly published: Promise<void>;
  /** Whether the changelog has to have it too, as before the partition goes to another. */
  readonly isWhole?: boolean;
}

/**
 * Writes the checkpoints of one partition: each to the store, and now and then what changed since to the changelog, a key
 * once however often it changed. A lost disk begins where the changelog was then, and folds the inputs from there.
 */
export class CheckpointWriter<S extends object> {
  readonly #of: Surroundings<S>;
  /** The keys of which the store has another state than the changelog, which the store knows as well. */
  readonly #unlogged: Set<string>;
  #changelogOffset: number;
  #loggedAt = -Infinity;
  #isBehind = false;

  constructor(of: Surroundings<S>) {
    this.#of = of;
    this.#changelogOffset = of.changelog ? of.changelog.epoch + 1 : 0;
    this.#unlogged = new Set([...of.store.range(UNLOGGED, '')].map(({ value }) => value));
  }

  /**
   * Says where this owner begins, before it says anything of a key again: a disk that is ahead of that, by what was void,
   * begins there too, and does not take for gone what is only not folded again yet. What only this disk has comes before
   * it, for it is part of where this owner begins. `stale` is what others wrote here that counts for nothing.
   */
  async begin(
    offsets: CheckpointOf['offsets'],
    at: number,
    stale: { readonly from: number; readonly to: number } | undefined,
  ): Promise<void> {
    const { logs, changelog } = this.#of;
    if (!changelog) return;
    await logs.watch(changelog.topic, this.#changelogOffset);
    if (stale) logs.suspect(changelog.topic, stale);
    await this.#log(changelog, new Map(), offsets, at);
  }

  /** What this owner says of a key of the changelog, as of the last checkpoint; undefined where it says nothing. */
  own(key: string): OutgoingRecord | undefined {
    const { changelog, state } = this.#of;
    return changelog && !isOfPartition(key) ? stateRecord(changelog, key, state.lastWritten(key)) : undefined;
  }

  /**
   * 1. The states, tables and offsets as they are now, at once. Steps go on from here. What they publish is waited for.
   * 2. The changelog, where it is due. A crash here: the disk catches up from it; keys that ran ahead of the marker skip
   *    what they hold.
   * 3. The store, in one transaction.
   */
  async write({ offsets, at, stage, published, isWhole = false }: CheckpointOf): Promise<void> {
    const { store, state, changelog, format } = this.#of;
    store.assertOwned();
    const changes = state.changes();
    this.#isBehind = changelog !== undefined;
    const isFull = this.#unlogged.size + changes.length >= UNLOGGED_KEYS;
    const isLogged = changelog !== undefined && (isWhole || isFull || this.dueIn(at) === 0);
    store.stage((writer) => {
      stage(writer);
      if (isLogged) writer.clear(UNLOGGED);
      else if (changelog) this.#note(changes, writer);
    });
    await published;
    if (isLogged) await this.#log(changelog, new Map(changes), offsets, at);
    await yieldToEventLoop();
    await store.commit(changes, {
      offsets,
      changelogOffset: this.#changelogOffset,
      format,
      ...(changelog && { changelogEpoch: changelog.epoch }),
      at,
    });
    state.settle();
  }

  /** Milliseconds until the changelog is due; `Infinity` where it has what the store has. */
  dueIn(now: number): number {
    if (!this.#isBehind) return Infinity;
    const every = this.#of.changelogEveryMs ?? CHANGELOG_EVERY_MS;
    const left = every - (now - this.#loggedAt);
    // The clock may go back.
    return left > every ? 0 : Math.max(0, left);
  }

  #note(changes: readonly (readonly [string, string | null])[], writer: TableWriter): void {
    for (const [key] of changes) {
      if (this.#unlogged.has(key)) continue;
      this.#unlogged.add(key);
      writer.put(UNLOGGED, key, key);
    }
  }

  async #log(
    changelog: Changelog,
    changes: ReadonlyMap<string, string | null>,
    offsets: CheckpointOf['offsets'],
    at: number,
  ): Promise<void> {
    const { logs, store } = this.#of;
    const keys = [...new Set([...this.#unlogged, ...changes.keys()])];
    for (let i = 0; i < keys.length; i += RECORDS_AT_ONCE) {
      const some = keys.slice(i, i + RECORDS_AT_ONCE);
      await logs.send(
        some.map((key) => {
          const change = changes.get(key);
          return stateRecord(changelog, key, change === undefined ? (store.get(key) ?? null) : change);
        }),
      );
      await yieldToEventLoop();
    }
    await logs.send([markerRecord(changelog, offsets)]);
    this.#changelogOffset = logs.reached[changelog.topic] ?? this.#changelogOffset;
    this.#unlogged.clear();
    this.#isBehind = false;
    this.#loggedAt = at;
  }
}
