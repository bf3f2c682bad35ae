import type { Measure } from './bench.js';
import { summarise } from './statistics.js';

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A table with the median of the runs, their spread, and each of them. */
export function table(measures: readonly Measure[]): string {
  const rows = [['', '', 'median', 'min … max', 'unit', 'runs'], ...measures.map(rowOf)];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function rowOf({ what, variant, unit, runs }: Measure): readonly string[] {
  const { median, min, max } = summarise(runs);
  return [
    what,
    variant ?? '',
    show(median),
    `${show(min)} … ${show(max)}`,
    unit,
    runs.map((run) => show(run)).join(', '),
  ];
}

/** Three digits, or all of those before the point. */
export function show(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString('en') : NUMBER.format(value);
}
