import { flagsShown, type FlagCounts, type RejectedCall } from '../intake/answer.js';

const ERRORS_TOLD = 100;

/** Counts what became of a file's lines, and keeps the first that were not accepted. */
export class Tally {
  readonly #errors: object[] = [];
  readonly #flags: Record<string, number> = {};
  #passedOver = 0;
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

  /** A line that an answer before this one counted. */
  passOver(): void {
    this.lines += 1;
    this.#passedOver += 1;
  }

  /** Only what is durable counts. */
  written(accepted: number, rejected: number, flags: FlagCounts): void {
    this.accepted += accepted;
    this.rejected += rejected;
    for (const [code, count] of Object.entries(flags)) this.#flags[code] = (this.#flags[code] ?? 0) + count;
  }

  get told() {
    const { lines, accepted, rejected } = this;
    const errors = this.#errors;
    return {
      lines,
      accepted,
      rejected,
      ...(this.#passedOver > 0 ? { skipped: this.#passedOver } : {}),
      ...(errors.length > 0 ? { errors } : {}),
      ...flagsShown(this.#flags),
    };
  }
}
