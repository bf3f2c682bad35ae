import { LRUCache } from 'lru-cache';
import { inOrder } from './key-order.js';
import { storedKey, type PartitionStore } from './partition-store.js';

/** One key's state and, for each input, the next offset to fold into it. */
export interface Entry<S> {
  /** Where the store had to shorten it. */
  readonly key?: string;
  readonly offsets: Readonly<Record<string, number>>;
  readonly state: S;
}

/** Null: the key is removed. */
type Changed<S> = Entry<S> | null;

interface Writing<S> {
  readonly entry: Changed<S>;
  readonly text: string | null;
}

const NOTHING = Symbol('nothing');

/**
 * The states of one partition: what changed since the last checkpoint in memory, and what the checkpoint that is under
 * way writes; what was used lately in a bounded cache; the rest on disk. A processor that changes a state in place sets
 * it again.
 */
export class KeyedState<S extends object> {
  readonly #store: PartitionStore;
  readonly #dirty = new Map<string, Changed<S>>();
  /** Of a checkpoint, from `changes` to `settle`. */
  #writing: ReadonlyMap<string, Writing<S>> = new Map<string, Writing<S>>();
  /** What the store holds, also that it holds nothing: a new key is asked for several times before it is set. */
  readonly #clean: LRUCache<string, Entry<S> | typeof NOTHING>;

  /** Keeps at most so many bytes of what is on disk in memory, as it is stored. */
  constructor(store: PartitionStore, cacheBytes: number) {
    this.#store = store;
    this.#clean = new LRUCache({ maxSize: cacheBytes });
  }

  get(key: string): S | undefined {
    return this.#entry(key)?.state;
  }

  /** Whether this input is already in the key's state: as after a changelog ran ahead of its marker. */
  isFolded(key: string, input: string, offset: number): boolean {
    return offset < (this.#entry(key)?.offsets[input] ?? 0);
  }

  /** The offset of the last record of this input in the key's state; -1 where there is none. */
  lastFolded(key: string, input: string): number {
    return (this.#entry(key)?.offsets[input] ?? 0) - 1;
  }

  /** Replaces a key's state as of this record of this input. */
  set(key: string, state: S, input: string, offset: number): void {
    const before = this.#entry(key)?.offsets;
    this.#dirty.set(key, { offsets: { ...before, [input]: offset + 1 }, state });
  }

  /** Replaces a key's state for a reason that is no record. */
  replace(key: string, state: S): void {
    this.#dirty.set(key, { offsets: this.#entry(key)?.offsets ?? {}, state });
  }

  /** Takes a key's state away, with how far its inputs are in it. */
  delete(key: string): void {
    if (this.#entry(key)) this.#dirty.set(key, null);
  }

  /** Every key with its state, changed or not. */
  *all(): IterableIterator<{ readonly key: string; readonly state: S }> {
    yield* this.changed();
    for (const one of this.storedAfter('')) if (this.#changedEntry(one.key) === undefined) yield one;
  }

  /** Those of which the store has another state, or none yet. */
  *changed(): IterableIterator<{ readonly key: string; readonly state: S }> {
    for (const [key, entry] of this.#dirty) if (entry) yield { key, state: entry.state };
    for (const [key, { entry }] of this.#writing) {
      if (entry && !this.#dirty.has(key)) yield { key, state: entry.state };
    }
  }

  /** The states that the last checkpoint had, each as it is now, in the order of their stored keys, after one of them. */
  *storedAfter(
    after: string,
  ): IterableIterator<{ readonly key: string; readonly storedKey: string; readonly state: S }> {
    for (const { storedKey: stored, value } of this.#store.states(after)) {
      if (stored === after) continue;
      const { key = stored, state } = JSON.parse(value) as Entry<S>;
      const changed = this.#changedEntry(key);
      if (changed !== null) yield { key, storedKey: stored, state: changed?.state ?? state };
    }
  }

  /**
   * The states after a stored key, each as it is now and those that no checkpoint has yet among them, in the order of
   * their stored keys: so many at most. Fewer are the last ones.
   */
  page(
    after: string,
    limit: number,
  ): readonly { readonly key: string; readonly storedKey: string; readonly state: S }[] {
    const page = [];
    for (const one of this.storedAfter(after)) {
      page.push(one);
      if (page.length === limit) break;
    }
    const last = page.length < limit ? undefined : page.at(-1)?.storedKey;
    const stored = new Set(page.map((one) => one.storedKey));
    const isWithin = (key: string) =>
      !stored.has(key) && inOrder(key, after) > 0 && (last === undefined || inOrder(key, last) < 0);
    for (const { key, state } of this.changed()) {
      const one = { key, storedKey: storedKey(key), state };
      if (isWithin(one.storedKey)) page.push(one);
    }
    if (page.length > stored.size) page.sort((a, b) => inOrder(a.storedKey, b.storedKey));
    return page.slice(0, limit);
  }

  /** Whether a key comes after a stored one, in the order of pages. */
  isAfter(key: string, stored: string): boolean {
    return inOrder(storedKey(key), stored) > 0;
  }

  get dirtyCount(): number {
    return this.#dirty.size;
  }

  /** What changed since this was asked last, as it is written; `settle` is called before it is asked again. */
  changes(): readonly (readonly [string, string | null])[] {
    const changed = [...this.#dirty].map(
      ([key, entry]) => [key, { entry, text: entry && textOf(key, entry) }] as const,
    );
    this.#writing = new Map(changed);
    this.#dirty.clear();
    return changed.map(([key, { text }]) => [key, text]);
  }

  /** A key's state as the latest `changes` have it, or those before; null where it had none. */
  lastWritten(key: string): string | null {
    const writing = this.#writing.get(key);
    return writing ? writing.text : (this.#store.get(key) ?? null);
  }

  /** What `changes` gave last is on disk. */
  settle(): void {
    for (const [key, { entry, text }] of this.#writing) {
      this.#cache(key, entry ?? NOTHING, text?.length ?? 0);
    }
    this.#writing = new Map();
  }

  #changedEntry(key: string): Changed<S> | undefined {
    const dirty = this.#dirty.get(key);
    return dirty === undefined ? this.#writing.get(key)?.entry : dirty;
  }

  #cache(key: string, entry: Entry<S> | typeof NOTHING, length: number): void {
    this.#clean.set(key, entry, { size: key.length + length });
  }

  #entry(key: string): Entry<S> | undefined {
    const changed = this.#changedEntry(key);
    if (changed !== undefined) return changed ?? undefined;
    const clean = this.#clean.get(key);
    if (clean) return clean === NOTHING ? undefined : clean;
    const text = this.#store.get(key);
    const entry = text === undefined ? NOTHING : (JSON.parse(text) as Entry<S>);
    this.#cache(key, entry, text?.length ?? 0);
    return entry === NOTHING ? undefined : entry;
  }
}

function textOf<S>(key: string, entry: Entry<S>): string {
  return JSON.stringify(storedKey(key) === key ? entry : { ...entry, key });
}
