import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measuresOf, type Bench, type BenchContext, type Outcome } from '../bench.js';
import { openPglite } from './pglite.store.js';
import { openPostgres } from './postgres.store.js';
import { pairsASecond, TABLE, write, type Store } from './store.js';

const RUNS = 3;
const PAIRS = 1_000;
const WRITES = 1_000;
const KILLED_AT = 500;

const STORES: Readonly<Record<string, (dataDir: string) => Promise<Store>>> = {
  PostgreSQL: openPostgres,
  PGlite: openPglite,
};

const TITLES = {
  cold: ['first start, on an empty folder', 'ms'],
  warm: ['next start', 'ms'],
  afterKill: ['start after it was killed', 'ms'],
  memory: ['memory after the load', 'MB'],
  alone: ['insert and select, one at a time', 'pairs/s'],
  together: ['insert and select, ten at a time', 'pairs/s'],
  lost: ['answered writes lost by a kill', 'writes'],
} as const;
type Figures = Readonly<Record<keyof typeof TITLES, number>>;

export const control: Bench = {
  about:
    'What holds definitions: PostgreSQL as `npm start` runs it, and PGlite in a process beside. Start-up, memory, pairs ' +
    'of a simple insert and select, and how many of the answered writes are gone when it is killed (`kill -9`) in the ' +
    'middle of a thousand.',
  run: benchControl,
};

async function benchControl({ bounds, say, stack }: BenchContext): Promise<Outcome> {
  const figures = new Map<string, Figures[]>();
  for (let run = 1; run <= (bounds.runs ?? RUNS); run += 1) {
    for (const [name, open] of Object.entries(STORES)) {
      const dataDir = await mkdtemp(join(tmpdir(), 'tributary-control-'));
      stack.defer(() => rm(dataDir, { recursive: true, force: true }));
      const one = await measure(() => open(join(dataDir, 'data')));
      say(`run ${run}: ${name}: ${JSON.stringify(one)}`);
      figures.set(name, [...(figures.get(name) ?? []), one]);
    }
  }
  return {
    facts: { pairs: PAIRS, writes: WRITES, killedAfter: KILLED_AT },
    measures: [...figures].flatMap(([name, runs]) => measuresOf(TITLES, runs, name)),
  };
}

async function measure(open: () => Promise<Store>): Promise<Figures> {
  const [cold, first] = await timed(open);
  await first.ask(TABLE);
  await first.stop();
  const [warm, store] = await timed(open);
  const alone = await pairsASecond(store, 0, PAIRS, 1);
  const together = await pairsASecond(store, PAIRS, PAIRS, 10);
  const memory = store.ownBytes() / 1e6;
  const answered = await writeUntilKilled(store, 2 * PAIRS);
  const [afterKill, again] = await timed(open);
  const lost = await missing(again, answered);
  await again.stop();
  return { cold, warm, afterKill, memory, alone, together, lost };
}

async function timed(open: () => Promise<Store>): Promise<readonly [number, Store]> {
  const began = performance.now();
  const store = await open();
  await store.ask('SELECT 1');
  return [performance.now() - began, store];
}

/** What was answered before the kill. */
async function writeUntilKilled(store: Store, from: number): Promise<readonly number[]> {
  const answered: number[] = [];
  let killing: Promise<void> | undefined;
  for (let n = from; n < from + WRITES; n += 1) {
    if (answered.length === KILLED_AT) killing ??= store.kill();
    const isTaken = await write(store, n).then(
      () => true,
      () => false,
    );
    if (!isTaken) break;
    answered.push(n);
  }
  await killing;
  return answered;
}

/** A row that is there makes the division fail. */
async function missing(store: Store, rows: readonly number[]): Promise<number> {
  let count = 0;
  for (const n of rows) {
    const isThere = await store.ask('SELECT 1 / (count(*) - 1) FROM writes WHERE n = $1', [n]).then(
      () => false,
      () => true,
    );
    if (!isThere) count += 1;
  }
  return count;
}
