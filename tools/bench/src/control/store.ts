/** A database that a bench measures: whatever it is, it takes statements and can be killed. */
export interface Store {
  /** Runs a statement; resolves when it is answered. */
  ask(statement: string, values?: readonly unknown[]): Promise<void>;
  /** Memory that its processes hold of their own; of one that lives in another's process, what came on top. */
  ownBytes(): number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** How many round trips are under way at once. */
export type Concurrency = 1 | 10;

export const TABLE = 'CREATE TABLE IF NOT EXISTS writes (n int PRIMARY KEY, value text NOT NULL)';
const VALUE = 'x'.repeat(500);

/** Inserts a row and reads it, so many times; answers with pairs a second. */
export async function pairsASecond(
  store: Store,
  from: number,
  count: number,
  at: Concurrency,
): Promise<number> {
  let next = from;
  const began = performance.now();
  const work = async () => {
    while (next < from + count) {
      const n = next;
      next += 1;
      await write(store, n);
      await store.ask('SELECT value FROM writes WHERE n = $1', [n]);
    }
  };
  await Promise.all(Array.from({ length: at }, work));
  return count / ((performance.now() - began) / 1_000);
}

export function write(store: Store, n: number): Promise<void> {
  return store.ask('INSERT INTO writes VALUES ($1, $2)', [n, VALUE]);
}
