import { FOLDING_SERVICES } from '@tributary/harness';
import { measuresOf, type Bench, type BenchContext, type Measure, type Outcome } from '../bench.js';
import { PUT_TITLES, putOnce, QUERIES } from '../definitions/definitions.bench.js';
import { growBy } from '../platform/growth.js';
import { runRound } from '../platform/round.js';
import { startTestBed, type TestBed } from '../platform/test-bed.js';
import { usages } from '../processes.js';
import { show } from '../report.js';
import { RESTART_TITLES, restartOnce } from '../restart/restart.bench.js';

const PROFILES = [10_000, 100_000];
const EVENTS = 20_000;
const BACKLOG = 2_000;

export const size: Bench = {
  about:
    'What grows with the number of profiles, and what does not: how fast they are loaded, what an event of a visitor costs ' +
    'then, memory, two audiences that are put, and each service killed (`kill -9`) and started again under load.',
  run: benchSize,
};

async function benchSize(context: BenchContext): Promise<Outcome> {
  const { bounds, say } = context;
  const bed = await startTestBed(context);
  const events = bounds.events ?? EVENTS;
  await runRound(bed, { name: 'warm-up', events });
  const measures: Measure[] = [];
  let present = 0;
  for (const profiles of bounds.profiles ?? PROFILES) {
    const loaded = await growBy(bed, profiles - present, `grow-${profiles}`, say);
    say(`${show(loaded)} a second`);
    present = profiles;
    measures.push(...(await measureAt(bed, profiles, loaded, events)));
  }
  return { facts: { profiles: bounds.profiles ?? PROFILES, events, queries: QUERIES }, measures };
}

async function measureAt(
  bed: TestBed,
  profiles: number,
  loaded: number,
  events: number,
): Promise<readonly Measure[]> {
  const variant = `${profiles.toLocaleString('en')} profiles`;
  const one = (what: string, unit: string, figure: number): Measure => ({
    what,
    variant,
    unit,
    runs: [figure],
  });
  const { cpuMicroseconds } = await runRound(bed, { name: `at-${profiles}`, events });
  const platform = [...cpuMicroseconds].filter(([name]) => name !== 'load generator');
  const cpu = platform.reduce((sum, [, microseconds]) => sum + microseconds, 0) / events;
  const memory = [...usages(bed.processes())].map(([name, { ownBytes }]) =>
    one(`memory: ${name}`, 'MB', ownBytes / 1e6),
  );
  const measures = [
    one('loading of new profiles', 'events/s', loaded),
    one('CPU of all processes', 'µs/event', cpu),
    ...memory,
  ];
  for (const [i, [name, query]] of Object.entries(QUERIES).entries()) {
    const put = await putOnce(bed, `size-${profiles}-${i}`, query);
    measures.push(...measuresOf(PUT_TITLES, [put], `${name}, ${variant}`));
  }
  for (const service of FOLDING_SERVICES) {
    const asked = { service, diskLost: false, events: BACKLOG, name: `${profiles}-${service}` };
    const restarted = await restartOnce(bed, asked, () => undefined);
    measures.push(...measuresOf(RESTART_TITLES, [restarted], `${service} killed, ${variant}`));
  }
  return measures;
}
