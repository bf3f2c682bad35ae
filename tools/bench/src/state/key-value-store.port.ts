/** A store under comparison: it holds texts by key, on disk, in a folder of its own. */
export interface KeyValueStore {
  /** Writes all of them, or after a crash of the process none. */
  commit(entries: readonly (readonly [key: string, value: string])[]): Promise<void>;
  get(key: string): string | undefined;
  close(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  open(dir: string): Promise<KeyValueStore>;
}
