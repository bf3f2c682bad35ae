/** A change that was answered with 2xx. */
export interface Acknowledged {
  /** Path of the definition, below `/v1/`. */
  readonly path: string;
  /** Nobody else's: the version's reason, and in what was put. */
  readonly nonce: string;
  /** The version that the answer named; absent where an answer has none. */
  readonly version?: number;
}

/** What was answered, of all writers. */
export class Ledger {
  readonly changes: Acknowledged[] = [];
  /** Write keys that were made. */
  readonly keys: string[] = [];
  /** Answers by their status; 0: there was none. */
  readonly answers = new Map<number, number>();

  count(status: number): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
  }
}
