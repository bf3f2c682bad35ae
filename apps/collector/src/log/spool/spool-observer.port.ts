import type { Segment } from './segment.js';

/** What was not written to Kafka from a spool, and where its bytes are now. */
export interface SetAside {
  readonly file: string;
  readonly kept: string;
  /**
   * `torn`: no frame, at the end of a segment, as a kill in the middle of a write leaves it, which was never acknowledged;
   * `damaged`: no frame, elsewhere; `refused`: Kafka can never take it; `unreadable`: the disk does not give it.
   */
  readonly reason: 'torn' | 'damaged' | 'refused' | 'unreadable';
  readonly error?: unknown;
}

/** Hears what a spool does. */
export interface SpoolObserver {
  adopted(segments: readonly Segment[]): void;
  replayed(records: number): void;
  setAside(what: SetAside): void;
  /** A folder that stays where it is, held by nobody. */
  unreadable(folder: string, error: unknown): void;
  diskFailed(error: unknown): void;
}
