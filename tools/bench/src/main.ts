import { HarnessError } from '@tributary/harness';
import { readArguments } from './arguments.js';
import { BenchError } from './bench.errors.js';
import { BENCHES } from './benches.js';
import { runBench } from './run-bench.js';
import { writePage } from './page.js';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) {
  process.on(signal, () => {
    interrupted.abort(new BenchError('interrupted: nothing is written'));
  });
}

async function run(): Promise<void> {
  const bounds = readArguments(process.argv.slice(2));
  if (bounds.writeDocs) {
    console.log(`written: ${await writePage()}`);
    return;
  }
  const names = bounds.name === undefined ? Object.keys(BENCHES) : [bounds.name];
  for (const name of names) {
    const bench = BENCHES[name];
    if (!bench)
      throw new BenchError(`there is no benchmark "${name}": there are ${Object.keys(BENCHES).join(', ')}`);
    await runBench(name, bench, { bounds, say: console.log, signal: interrupted.signal });
  }
}

try {
  await run();
  process.exit(0);
} catch (error) {
  console.error(error instanceof HarnessError ? error.message : error);
  process.exit(1);
}
