import type { PartitionBatch } from '@tributary/kafka';
import type { RefusedRecord } from './schemas/refused-rows.js';

/** Called with what the sinks did. */
export interface SinkObserver {
  /** Rows were handed to the table and are stored, but for those of the refused records. */
  inserted(table: string, rows: number, refused: readonly RefusedRecord[]): void;
  /** Everything of the partition below the batch's `endOffset` is stored. */
  reached(batch: PartitionBatch): void;
  /** An insert failed and will be tried again. Called for each attempt. */
  unavailable(table: string, error: unknown): void;
  /** An insert was answered. Called for each one. */
  available(table: string): void;
}
