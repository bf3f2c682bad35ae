import type { Result } from '@tributary/kernel';

/** A definition in force, and its version. */
export interface Stored<T> {
  readonly value: T;
  /** Grows with every change. */
  readonly version: number;
}

/** The definitions of one kind that are in force in the workspace, by id. */
export interface ControlRecords<T> {
  find(id: string): Stored<T> | undefined;
  /** In the order of their ids. */
  all(): readonly Stored<T>[];
  /**
   * Puts a definition in force. Once it resolves, {@link find} shows what was put. Nothing is certain after a failure:
   * it may be in force later.
   */
  put(id: string, value: T): Promise<Result<Stored<T>, 'unavailable'>>;
  /** Once it resolves, it is shown no more. */
  remove(id: string): Promise<Result<undefined, 'unavailable'>>;
}

/** The values of a map in the order of its keys. */
export function inOrder<T>(byId: ReadonlyMap<string, T>): readonly T[] {
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stored]) => stored);
}
