import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readArguments } from './arguments.js';
import { crashTest } from './crash-test.js';
import { summary } from './report.js';

const STORY_CALLS_PER_SECOND = 4_000;

const say = (line: string) => {
  console.log(line);
};

async function run(): Promise<number> {
  const { storyEvents: events, ...asked } = readArguments(process.argv.slice(2), Date.now() % 1_000_000);
  const { minutes, seed, brokers } = asked;
  const title = events
    ? `the story of the spool with ${events} events`
    : `crash test of ${minutes} minutes on ${brokers} broker${brokers === 1 ? '' : 's'}`;
  say(`${title}, with seed ${seed}`);
  const story = events ? { events, callsPerSecond: STORY_CALLS_PER_SECOND } : undefined;
  const report = await crashTest({ ...asked, ...(story && { story }), say });
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
