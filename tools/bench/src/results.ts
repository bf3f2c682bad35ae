import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measure, Outcome } from './bench.js';
import { BenchError } from './bench.errors.js';
import type { Machine } from './machine.js';
import { summarise, type Summary } from './statistics.js';

/** What a benchmark measured last, as it is on disk. */
export interface Results {
  readonly name: string;
  /** RFC 3339. */
  readonly at: string;
  readonly command: string;
  readonly machine: Machine;
  readonly facts: Outcome['facts'];
  readonly measures: readonly (Measure & Summary)[];
}

const FOLDER = '.tributary/bench';

/** Writes what was measured to `.tributary/bench/<name>.json`, and answers with the file's name. */
export async function writeResults(
  { facts, measures }: Outcome,
  about: Pick<Results, 'name' | 'command' | 'machine'>,
): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const file = join(FOLDER, `${about.name}.json`);
  const results: Results = {
    name: about.name,
    at: new Date().toISOString(),
    command: about.command,
    machine: about.machine,
    facts,
    measures: measures.map((measure) => ({ ...measure, ...summarise(measure.runs) })),
  };
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  return file;
}

/** Everything that was measured last, by the name of the benchmark. */
export async function readResults(): Promise<ReadonlyMap<string, Results>> {
  const files = (await readdir(FOLDER).catch(() => [])).filter((file) => file.endsWith('.json')).sort();
  const all = await Promise.all(
    files.map(async (file) => {
      const results = JSON.parse(await readFile(join(FOLDER, file), 'utf8')) as Results;
      if (typeof results.machine === 'object') return results;
      throw new BenchError(
        `${join(FOLDER, file)} is of an earlier version: run the benchmark again, or remove it`,
      );
    }),
  );
  return new Map(all.map((results) => [results.name, results]));
}
