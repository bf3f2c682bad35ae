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
}

interface Row {
  readonly key: string;
  readonly value: string;
}

/** Writes to tables that are on their way to the disk, over the tables as the disk has them. Keys are those of rows as they are stored. */
export class StagedTables implements TableWriter {
  readonly #tables = new Map<string, Staged>();

  put(table: string, key: string, value: string): void {
    this.#table(table).rows.set(key, value);
  }

  remove(table: string, key: string): void {
    this.#table(table).rows.set(key, null);
  }

  clear(table: string): void {
    const staged = this.#table(table);
    staged.isCleared = true;
    staged.rows.clear();
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
    const added = [...rows]
      .flatMap(([key, value]) => (value === null || !isWithin(key, start, end) ? [] : [{ key, value }]))
      .sort((a, b) => inOrder(a.key, b.key));
    for (const row of isCleared ? [] : stored) {
      if (rows.has(row.key)) continue;
      while (added[0] && inOrder(added[0].key, row.key) < 0) yield added.shift() as Row;
      yield row;
    }
    yield* added;
  }

  #table(name: string): Staged {
    const known = this.#tables.get(name);
    if (known) return known;
    const table: Staged = { isCleared: false, rows: new Map() };
    this.#tables.set(name, table);
    return table;
  }
}

function isWithin(key: string, start: string, end: string | undefined): boolean {
  return inOrder(key, start) >= 0 && (end === undefined || inOrder(key, end) < 0);
}

/** As LMDB orders texts: by their bytes. */
function inOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
