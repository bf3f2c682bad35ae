// Every test, or those that the arguments name (as for jest). The servers that tests need are started by jest's set-up.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, run } from './prepare.mjs';

await prepare('all');
const dir = await mkdtemp(join(tmpdir(), 'tributary-test-'));
const results = join(dir, 'results.json');
// Jest would leave one of two cores to itself; specs mostly wait for the broker and the engine.
const isAlone = process.argv.includes('--runInBand');
const workers = isAlone ? [] : ['--maxWorkers', String(Math.max(2, availableParallelism() - 1))];
const jest = [
  'node_modules/jest/bin/jest.js',
  '-c',
  'jest.config.mjs',
  '--json',
  `--outputFile=${results}`,
  ...workers,
];
const code = await run([...jest, ...process.argv.slice(2)], {
  PROPERTY_SEED: process.env.PROPERTY_SEED ?? '1',
  NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
});
const text = await readFile(results, 'utf8').catch(() => '{"numRuntimeErrorTestSuites":1}');
// A file that could not be run counts as one test that failed.
const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = JSON.parse(text);
await rm(dir, { recursive: true });
console.log(`${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`);
process.exit(code);
