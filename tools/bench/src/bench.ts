import type { BenchArguments } from './arguments.js';

/** What a benchmark is run with. */
export interface BenchContext {
  readonly bounds: BenchArguments;
  /** Takes lines for people. */
  readonly say: (line: string) => void;
  /** Undone in reverse order when the benchmark is over, has failed or is interrupted. */
  readonly stack: AsyncDisposableStack;
}

/** One thing that was measured: a figure for each run. */
export interface Measure {
  readonly what: string;
  /** Of which of the things that are compared; absent where nothing is. */
  readonly variant?: string;
  readonly unit: string;
  readonly runs: readonly number[];
}

/** What a benchmark measured, and the facts without which the figures say nothing. */
export interface Outcome {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly measures: readonly Measure[];
}

/** A benchmark: bounded in count, and nothing is left of it but its outcome. */
export interface Bench {
  /** What it measures and how, in a sentence or two for a reader of the figures. */
  readonly about: string;
  run(context: BenchContext): Promise<Outcome>;
}

/** The measures of several runs that each brought the same figures, in the order of the titles. */
export function measuresOf<F extends string>(
  titles: Readonly<Record<F, readonly [what: string, unit: string]>>,
  runs: readonly Readonly<Record<F, number>>[],
  variant?: string,
): readonly Measure[] {
  return (Object.keys(titles) as F[]).map((figure) => ({
    what: titles[figure][0],
    ...(variant === undefined ? {} : { variant }),
    unit: titles[figure][1],
    runs: runs.map((run) => run[figure]),
  }));
}

/** What makes measures of one variant: of each run a figure. */
export function measuring<R>(runs: readonly R[], variant: string) {
  return (what: string, unit: string, figure: (run: R) => number): Measure => ({
    ...{ what, variant, unit },
    runs: runs.map(figure),
  });
}
