import { writeFile } from 'node:fs/promises';
import { BENCHES } from './benches.js';
import { BenchError } from './bench.errors.js';
import type { Measure } from './bench.js';
import { BUDGETS, verdictOn, type Budget } from './budgets.js';
import { machineLine } from './machine.js';
import { show } from './report.js';
import { readResults, type Results } from './results.js';
import type { Summary } from './statistics.js';

const PAGE = 'docs/benchmarks.md';

const INTRODUCTION = `# Benchmarks

Written by \`npm run bench -- --write-docs\` from what \`npm run bench\` measured last (JSON under \`.tributary/bench/\`). Nothing here is typed by hand, and no test is timed.

How to read it: a figure is the median of the runs, then the least and the greatest of them. Where variants are compared, they take turns within one run (A B A B). Everything, the load generator too, runs on the one machine that is named with each benchmark: its load average at the start says how quiet it was, and the spread of the runs how much noise there is. Where medians are closer than their spreads, there is no difference to speak of. Compare figures of one machine only. CPU time is that of user and system, from \`/proc/<pid>/stat\`; memory is what a process holds of its own, without the files that it has mapped, whose pages are the system's cache; its peak, mapped files too, is since the process began. The embedded broker has one replica and does not force its log to the disk: an acknowledgement means the page cache.`;

/** Writes the page of everything that was measured last, and answers with the file's name. */
export async function writePage(): Promise<string> {
  const results = await readResults();
  const unknown = [...results.keys()].filter((name) => !(name in BENCHES));
  if (unknown.length > 0)
    throw new BenchError(
      `.tributary/bench has figures of ${unknown.join(', ')}, which is no benchmark: remove them`,
    );
  if (results.size === 0) throw new BenchError('nothing was measured yet: npm run bench');
  const abouts = new Map(Object.entries(BENCHES).map(([name, { about }]) => [name, about]));
  await writeFile(PAGE, benchmarksPage(results, abouts));
  return PAGE;
}

/** The page: the budgets beside what was measured, then each benchmark in the order of what is said about them. */
export function benchmarksPage(
  results: ReadonlyMap<string, Results>,
  abouts: ReadonlyMap<string, string>,
): string {
  const sections = [...abouts].flatMap(([name, about]) => {
    const measured = results.get(name);
    return measured ? [section(measured, about)] : [];
  });
  return `${[INTRODUCTION, budgets(results), ...sections].join('\n\n')}\n`;
}

function budgets(results: ReadonlyMap<string, Results>): string {
  const rows = BUDGETS.map((budget) => [budget.what, budget.bar, ...cellsOf(budget, results)]);
  return [
    '## Budgets',
    '',
    'The bars of the design, on two cores with everything on the one machine. Where there are several figures for one bar, the worst stands here.',
    '',
    markdownTable(['what', 'bar', 'measured', 'met'], rows),
  ].join('\n');
}

function cellsOf(budget: Budget, results: ReadonlyMap<string, Results>): readonly [string, string] {
  const { measured } = budget;
  if (!measured) return ['not measured: there is no benchmark of it yet', ''];
  const verdict = verdictOn(budget, results);
  if (!verdict) return [`not measured: \`npm run bench ${measured.bench}\``, ''];
  const { figure, met } = verdict;
  const of = [figure.what, figure.variant].filter((part) => part !== undefined).join('; ');
  return [`${spread(figure)} ${measured.unit} (${measured.bench}: ${of})`, met];
}

function section({ name, at, command, machine, facts, measures }: Results, about: string): string {
  return [
    `## ${name}`,
    '',
    about,
    '',
    `\`${command}\`, ${at.slice(0, 16).replace('T', ' ')} UTC, on ${machineLine(machine)}.`,
    '',
    measuresTable(measures),
    '',
    ...Object.entries(facts).map(([fact, value]) => `- ${fact}: \`${JSON.stringify(value)}\``),
  ].join('\n');
}

/** A column for each variant where things are compared, else one; a row for each where they are many. */
function measuresTable(measures: readonly (Measure & Summary)[]): string {
  const variants = [...new Set(measures.map(({ variant }) => variant ?? ''))];
  const titles = [...new Set(measures.map(titleOf))];
  const cell = (title: string, variant: string) => {
    const figure = measures.find((m) => titleOf(m) === title && (m.variant ?? '') === variant);
    return figure ? spread(figure) : '';
  };
  if (variants.length > titles.length)
    return markdownTable(
      ['', ...titles],
      variants.map((variant) => [variant, ...titles.map((title) => cell(title, variant))]),
    );
  const heads = variants.map((variant) => (variant === '' ? 'median (min … max)' : variant));
  return markdownTable(
    ['', ...heads],
    titles.map((title) => [title, ...variants.map((variant) => cell(title, variant))]),
  );
}

const titleOf = ({ what, unit }: Measure) => `${what}, ${unit}`;

function spread({ median, min, max }: Summary): string {
  return min === max ? show(median) : `${show(median)} (${show(min)} … ${show(max)})`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
