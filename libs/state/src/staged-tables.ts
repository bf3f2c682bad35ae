import { inOrder } from './key-order.js';

/** Writes into a named table of the store, inside the checkpoint's transaction. */
export interface TableWriter {
  put(table: string, key: string, value: string): void;
  remove(table: string, key: string): void;
  clear(table: string): void;
}

interface Staged {
  isCleared: boolean;
  /** Null where the row is removed. */
  readonly rows: Map<string, string | null>;
  /** The keys in order, as of the last range. */
  ordered?: readonly string[] | undefined;
}

interface Row {
  readonly key: string;
  readonly value: string;
}

/** Writes to tables that are on their way to the disk, over the tables as the disk has them. Keys are those of rows as they are stored. */
export class StagedTables implements TableWriter {
  readonly #tables = new Map<string, Staged>();

  put(table: string, key: string, value: string): void {
    this.#set(table, key, value);
  }

  remove(table: string, key: string): void {
    this.#set(table, key, null);
  }

  clear(table: string): void {
    const staged = this.#table(table);
    staged.isCleared = true;
    staged.rows.clear();
    staged.ordered = undefined;
  }

  /** Writes all of it, in a transaction. */
  writeTo(writer: TableWriter): void {
    for (const [table, { isCleared, rows }] of this.#tables) {
      if (isCleared) writer.clear(table);
      for (const [key, value] of rows) {
        if (value === null) writer.remove(table, key);
        else writer.put(table, key, value);
      }
    }
  }

  /** A row as it will be; null where there will be none, undefined where it stays as it is. */
  get(table: string, key: string): string | null | undefined {
    const staged = this.#tables.get(table);
    const value = staged?.rows.get(key);
    return value === undefined && staged?.isCleared ? null : value;
  }

  /** The rows of a table from `start` on, before `end`, as they will be; `stored` are those that the disk has there, in order. */
  *range(
    table: string,
    start: string,
    end: string | undefined,
    stored: Iterable<Row>,
  ): IterableIterator<Row> {
    const staged = this.#tables.get(table);
    if (!staged) {
      yield* stored;
      return;
    }
    const { rows, isCleared } = staged;
    const added = addedFrom(staged, start, end);
    let next = added.next();
    for (const row of isCleared ? [] : stored) {
      if (rows.has(row.key)) continue;
      for (; !next.done && inOrder(next.value.key, row.key) < 0; next = added.next()) yield next.value;
      yield row;
    }
    for (; !next.done; next = added.next()) yield next.value;
  }

  #set(table: string, key: string, value: string | null): void {
    const staged = this.#table(table);
    staged.rows.set(key, value);
    staged.ordered = undefined;
  }

  #table(name: string): Staged {
    const known = this.#tables.get(name);
    if (known) return known;
    const table: Staged = { isCleared: false, rows: new Map() };
    this.#tables.set(name, table);
    return table;
  }
}

/** The rows that are put, from `start` on and before `end`, in order. */
function* addedFrom(staged: Staged, start: string, end: string | undefined): IterableIterator<Row> {
  const keys = (staged.ordered ??= [...staged.rows.keys()].sort(inOrder));
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inOrder(keys[middle] ?? '', start) < 0) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < keys.length; i += 1) {
    const key = keys[i] ?? '';
    if (end !== undefined && inOrder(key, end) >= 0) return;
    const value = staged.rows.get(key);
    if (value !== null && value !== undefined) yield { key, value };
  }
}
