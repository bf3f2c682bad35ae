import type { Result } from '@tributary/kernel';

/** Takes rows into tables. */
export interface RowWriter {
  /**
   * Inserts rows, one JSON object a line, and resolves when they are stored. The error value says why these rows can
   * never be taken; it rejects when they could not be taken now. After either, some of them may be there.
   */
  insert(table: string, lines: Buffer): Promise<Result<void, string>>;
}
