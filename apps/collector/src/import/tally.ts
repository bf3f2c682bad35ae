import type { RejectedCall } from '../intake/answer.js';

const ERRORS_TOLD = 100;

/** Counts what became of a file's lines, and keeps the first that were not accepted. */
export class Tally {
  readonly #errors: object[] = [];
  lines = 0;
  accepted = 0;
  rejected = 0;

  read(lines: number, rejected: readonly RejectedCall[]): void {
    this.lines += lines;
    const inOrder = [...rejected].sort((a, b) => a.index - b.index);
    for (const { index, ...error } of inOrder.slice(0, ERRORS_TOLD - this.#errors.length)) {
      this.#errors.push({ line: index + 1, ...error });
    }
  }

  /** Only what is durable counts. */
  written(accepted: number, rejected: number): void {
    this.accepted += accepted;
    this.rejected += rejected;
  }

  get told() {
    const { lines, accepted, rejected } = this;
    const errors = this.#errors;
    return { lines, accepted, rejected, ...(errors.length > 0 ? { errors } : {}) };
  }
}
