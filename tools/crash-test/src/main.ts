import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readArguments } from './arguments.js';
import { crashTest } from './crash-test.js';
import { summary } from './report.js';

const say = (line: string) => {
  console.log(line);
};

async function run(): Promise<number> {
  const { minutes, seed, brokers } = readArguments(process.argv.slice(2), Date.now() % 1_000_000);
  say(`crash test of ${minutes} minutes with seed ${seed} on ${brokers} broker${brokers === 1 ? '' : 's'}`);
  const report = await crashTest({ minutes, seed, brokers, say });
  say(summary(report));
  const { TRIBUTARY_DATA: data = '' } = process.env;
  const dir = join(data === '' ? '.tributary' : data, 'crash-test');
  await mkdir(dir, { recursive: true });
  const file = join(dir, `seed-${seed}.json`);
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  say(`as JSON: ${file}`);
  return report.wrong.length === 0 ? 0 : 1;
}

try {
  process.exit(await run());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
