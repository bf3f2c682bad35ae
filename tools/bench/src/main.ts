import { readArguments, type BenchArguments } from './arguments.js';
import { BenchError } from './bench.errors.js';
import { benchPipeline } from './pipeline/pipeline.bench.js';
import { machine, table, writeResults, type Measure } from './report.js';
import { benchState } from './state/state.bench.js';

/** What a benchmark measured, and the facts without which the figures say nothing. */
interface Outcome {
  readonly facts: object;
  readonly measures: readonly Measure[];
}

type Bench = (bounds: BenchArguments, say: (line: string) => void) => Promise<Outcome>;

const BENCHES: Readonly<Record<string, Bench>> = { pipeline: benchPipeline, state: benchState };

async function run(): Promise<void> {
  const bounds = readArguments(process.argv.slice(2));
  const names = bounds.name === undefined ? Object.keys(BENCHES) : [bounds.name];
  for (const name of names) {
    const bench = BENCHES[name];
    if (!bench) throw new BenchError(`there is no benchmark "${name}": ${Object.keys(BENCHES).join(', ')}`);
    console.log(`${name} on ${machine()}`);
    const { facts, measures } = await bench(bounds, console.log);
    console.log(`\n${table(measures)}\n`);
    console.log(
      'absolute figures are of this machine, as busy as it was; compare only what one machine measured',
    );
    console.log(`written to ${await writeResults(name, facts, measures)}\n`);
  }
}

try {
  await run();
  process.exit(0);
} catch (error) {
  console.error(error instanceof BenchError ? error.message : error);
  process.exit(1);
}
