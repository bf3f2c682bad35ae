import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { summarise, type Summary } from './statistics.js';

/** One line of a report: a thing that was measured, once a run. */
export interface Measure {
  readonly what: string;
  readonly unit: string;
  readonly runs: readonly number[];
}

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const RESULTS = '.tributary/bench';

/** A table with the median of the runs, their spread, and each of them. */
export function table(measures: readonly Measure[]): string {
  const rows = [
    ['', 'median', 'min … max', 'unit', 'runs'],
    ...measures.map(({ what, unit, runs }) => {
      const { median, min, max } = summarise(runs);
      return [what, show(median), `${show(min)} … ${show(max)}`, unit, runs.map(show).join(', ')];
    }),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What the figures were measured on. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${memory} GiB, Node.js ${process.versions.node}`;
}

/** Writes what was measured to `.tributary/bench/<name>.json`, and answers with the file's name. */
export async function writeResults(
  name: string,
  facts: object,
  measures: readonly Measure[],
): Promise<string> {
  await mkdir(RESULTS, { recursive: true });
  const file = join(RESULTS, `${name}.json`);
  const summaries: readonly (Measure & Summary)[] = measures.map((m) => ({ ...m, ...summarise(m.runs) }));
  const at = new Date().toISOString();
  await writeFile(
    file,
    `${JSON.stringify({ name, at, machine: machine(), ...facts, measures: summaries }, null, 2)}\n`,
  );
  return file;
}

function show(value: number): string {
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString('en') : NUMBER.format(value);
}
