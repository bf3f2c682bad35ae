import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { open, type Database, type RootDatabase } from 'lmdb';
import { StagedTables, type TableWriter } from './staged-tables.js';

/** How far a store is: the next offset of each input, and of the changelog. */
export interface CheckpointMeta {
  readonly offsets: Readonly<Record<string, number>>;
  readonly changelogOffset: number;
  /** Of the states; 1 where it is absent. */
  readonly format?: number;
  /** The epoch of the owner that wrote this, in the changelog. */
  readonly changelogEpoch?: number;
  /**
   * Present where states came from the changelog, of which the processor's own tables know nothing: the next offset of
   * each input that the tables do reflect.
   */
  readonly tablesBehind?: Readonly<Record<string, number>>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const META = 'checkpoint';
const OWNER = 'owner';
const LONGEST_KEY = 500;

/**
 * The disk side of one partition's state: a table of states by key, tables of the processor's own, and the checkpoint's
 * meta, all in one LMDB environment and written in one transaction. Values are text. Opening it takes it over: what
 * an earlier owner, in this process or another, still wants to write is refused.
 */
export class PartitionStore {
  readonly #env: RootDatabase<string, string>;
  readonly #state: Database<string, string>;
  readonly #tables = new Map<string, Database<string, string>>();
  readonly #owner = randomUUID();
  #staged = new StagedTables();

  private constructor(env: RootDatabase<string, string>) {
    this.#env = env;
    this.#state = env.openDB({ name: 'state', encoding: 'string' });
  }

  /** Opens the store in this folder, making it where there is none. */
  static async open(dir: string): Promise<PartitionStore> {
    const store = new PartitionStore(open<string, string>({ path: dir, encoding: 'string', maxDbs: 16 }));
    await store.#env.put(OWNER, store.#owner);
    return store;
  }

  get meta(): CheckpointMeta | undefined {
    const text = this.#env.get(META);
    return text === undefined ? undefined : (JSON.parse(text) as CheckpointMeta);
  }

  get(key: string): string | undefined {
    return this.#state.get(storedKey(key));
  }

  /** A row of a table of the processor's own. */
  getFrom(table: string, key: string): string | undefined {
    const stored = storedKey(key);
    const staged = this.#staged.get(table, stored);
    return staged === undefined ? this.#table(table).get(stored) : (staged ?? undefined);
  }

  /** Rows of a table in the order of their keys, from `start` on, before `end`. */
  *range(
    table: string,
    start: string,
    end?: string,
  ): IterableIterator<{ readonly key: string; readonly value: string }> {
    const stored = this.#table(table).getRange({ start, ...(end === undefined ? {} : { end }) });
    yield* this.#staged.range(table, start, end, stored);
  }

  /** Every state from a stored key on, in the order of the keys. */
  *states(start = ''): IterableIterator<{ readonly storedKey: string; readonly value: string }> {
    for (const { key, value } of this.#state.getRange({ start })) yield { storedKey: key, value };
  }

  /** Throws once another has opened the store. */
  assertOwned(): void {
    if (this.#env.get(OWNER) !== this.#owner) throw new TakenOverError();
  }

  /** Takes writes to tables for the next commit; reads of the tables see them from now on. */
  stage(write: (writer: TableWriter) => void): void {
    const staged = this.#staged;
    write({
      put: (table, key, value) => {
        staged.put(table, storedKey(key), value);
      },
      remove: (table, key) => {
        staged.remove(table, storedKey(key));
      },
      clear: (table) => {
        staged.clear(table);
      },
    });
  }

  /**
   * Writes states (null removes one), the tables as they are staged, and meta in one transaction; nothing is staged
   * while it is under way. Rejects once another has opened the store.
   */
  async commit(states: Iterable<readonly [string, string | null]>, meta: CheckpointMeta): Promise<void> {
    // Of LMDB's asynchronous transactions only a child is undone when its callback throws.
    const written = this.#env.childTransaction(() => {
      this.assertOwned();
      this.#staged.writeTo({
        put: (table, key, value) => void this.#table(table).put(key, value),
        remove: (table, key) => void this.#table(table).remove(key),
        clear: (table) => {
          this.#table(table).clearSync();
        },
      });
      for (const [key, value] of states) {
        if (value === null) void this.#state.remove(storedKey(key));
        else void this.#state.put(storedKey(key), value);
      }
      void this.#env.put(META, JSON.stringify(meta));
    });
    try {
      await written;
      this.#staged = new StagedTables();
    } catch (error) {
      // Tables that it was the first to open were undone with it.
      this.#tables.clear();
      throw error;
    }
  }

  /** Writes every state anew, and the meta that says of which format they are then, in one transaction. */
  async rewrite(
    rewritten: (value: string, storedKey: string) => string,
    meta: CheckpointMeta,
  ): Promise<void> {
    await this.#env.childTransaction(() => {
      this.assertOwned();
      for (const key of [...this.#state.getKeys()]) {
        const value = this.#state.get(key);
        if (value !== undefined) void this.#state.put(key, rewritten(value, key));
      }
      void this.#env.put(META, JSON.stringify(meta));
    });
  }

  async close(): Promise<void> {
    await this.#env.close();
  }

  /** Closes the store and removes its folder: for one too old to be caught up. */
  async destroy(dir: string): Promise<void> {
    await this.close();
    await rm(dir, { recursive: true, force: true });
  }

  #table(name: string): Database<string, string> {
    const known = this.#tables.get(name);
    if (known) return known;
    const table = this.#env.openDB<string, string>({ name, encoding: 'string' });
    this.#tables.set(name, table);
    return table;
  }
}

/** A key as LMDB takes it: its keys are short, identifiers may be long. */
export function storedKey(key: string): string {
  if (key.length <= LONGEST_KEY) return key;
  return `${key.slice(0, LONGEST_KEY / 2)}#${createHash('sha256').update(key).digest('hex')}`;
}

/** Another owner opened the store: this one's checkpoint would put back what is older. */
export class TakenOverError extends Error {
  constructor() {
    super('the partition was taken over: another owner opened its store, so this checkpoint is dropped');
    this.name = 'TakenOverError';
  }
}
