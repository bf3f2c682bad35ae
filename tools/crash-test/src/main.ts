import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readArguments, type Arguments } from './arguments.js';
import { crashTest } from './crash-test.js';
import { identitySummary } from './identity/report.js';
import { identityScenario } from './identity/scenario.js';
import { summary } from './report.js';

const SPOOL_CALLS_PER_SECOND = 4_000;
const IDENTITY_EVENTS_PER_SECOND = 1_500;

const say = (line: string) => {
  console.log(line);
};

async function run(): Promise<number> {
  const asked = readArguments(process.argv.slice(2), Date.now() % 1_000_000);
  const { seed, scenario } = asked;
  say(`${titleOf(asked)}, with seed ${seed}`);
  const { report, text } =
    scenario?.name === 'identity' ? await tellIdentity(seed, scenario.events) : await crash(asked);
  say(text);
  const { TRIBUTARY_DATA: data = '' } = process.env;
  const dir = join(data === '' ? '.tributary' : data, 'crash-test');
  await mkdir(dir, { recursive: true });
  const file = join(dir, `seed-${seed}.json`);
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  say(`as JSON: ${file}`);
  return report.wrong.length === 0 ? 0 : 1;
}

function titleOf({ minutes, brokers, scenario }: Arguments): string {
  return scenario
    ? `the scenario of ${scenario.name === 'spool' ? 'the spool' : scenario.name} with ${scenario.events} events`
    : `crash test of ${minutes} minutes on ${brokers} broker${brokers === 1 ? '' : 's'}`;
}

async function crash({ scenario, ...asked }: Arguments) {
  const spool = scenario && { scenario: { events: scenario.events, callsPerSecond: SPOOL_CALLS_PER_SECOND } };
  const report = await crashTest({ ...asked, ...spool, say });
  return { report, text: summary(report) };
}

async function tellIdentity(seed: number, events: number) {
  const report = await identityScenario({ seed, events, eventsPerSecond: IDENTITY_EVENTS_PER_SECOND, say });
  return { report, text: identitySummary(report) };
}

try {
  process.exit(await run());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
