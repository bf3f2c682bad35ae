import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measuresOf, type Bench, type BenchContext, type Outcome } from '../bench.js';
import { percentile } from '../statistics.js';
import type { KeyValueStore, StoreKind } from './key-value-store.port.js';
import { LEVEL, LEVEL_SYNC } from './level.store.js';
import { LMDB } from './lmdb.store.js';
import { SQLITE } from './sqlite.store.js';

const KINDS: readonly StoreKind[] = [LMDB, LEVEL, LEVEL_SYNC, SQLITE];
const RUNS = 2;
const KEYS = 200_000;
const CHECKPOINT_KEYS = 5_000;
const CHECKPOINTS = 20;
const READS = 50_000;
const VALUE_BYTES = 300;

const FACTS = {
  keys: KEYS,
  valueBytes: VALUE_BYTES,
  checkpointKeys: CHECKPOINT_KEYS,
  checkpoints: CHECKPOINTS,
  reads: READS,
};

/** What one store measured in one run. */
type Figures = Readonly<Record<'fill' | 'p50' | 'p99' | 'rate' | 'reads' | 'disk', number>>;

const TITLES = {
  fill: ['fill', 'keys/s'],
  p50: ['checkpoint p50', 'ms'],
  p99: ['checkpoint p99', 'ms'],
  rate: ['checkpoints', 'keys/s'],
  reads: ['random reads', 'reads/s'],
  disk: ['on disk', 'MB'],
} as const;

export const state: Bench = {
  about:
    "The candidates for a partition's state, one after another in each run, in an order that turns with the runs: " +
    'filled with every key, then checkpoints of changed keys, each in one atomic write, then reads of keys at random.',
  run: benchState,
};

async function benchState({ bounds, say }: BenchContext): Promise<Outcome> {
  const figures = new Map(KINDS.map(({ name }) => [name, [] as Figures[]]));
  for (let run = 0; run < (bounds.runs ?? RUNS); run += 1) {
    for (const kind of turned(KINDS, run)) {
      say(`run ${run + 1}: ${kind.name}`);
      figures.get(kind.name)?.push(await measure(kind));
    }
  }
  return { facts: FACTS, measures: [...figures].flatMap(([name, all]) => measuresOf(TITLES, all, name)) };
}

async function measure(kind: StoreKind): Promise<Figures> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  try {
    const store = await kind.open(join(dir, 'store'));
    const fill = await timeFill(store);
    const checkpoints = await timeCheckpoints(store);
    const reads = timeReads(store);
    await store.close();
    const seconds = checkpoints.reduce((sum, ms) => sum + ms, 0) / 1_000;
    return {
      fill: KEYS / fill,
      p50: percentile(checkpoints, 0.5),
      p99: percentile(checkpoints, 0.99),
      rate: (CHECKPOINT_KEYS * CHECKPOINTS) / seconds,
      reads: READS / reads,
      disk: (await bytesIn(dir)) / 1e6,
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function timeFill(store: KeyValueStore): Promise<number> {
  let seconds = 0;
  for (let from = 0; from < KEYS; from += CHECKPOINT_KEYS) {
    const entries = Array.from({ length: CHECKPOINT_KEYS }, (_, i) => [keyOf(from + i), value()] as const);
    seconds += (await timeCommit(store, entries)) / 1_000;
  }
  return seconds;
}

async function timeCheckpoints(store: KeyValueStore): Promise<readonly number[]> {
  const times: number[] = [];
  while (times.length < CHECKPOINTS) {
    const keys = new Set<string>();
    while (keys.size < CHECKPOINT_KEYS) keys.add(keyOf(randomInt(KEYS)));
    times.push(
      await timeCommit(
        store,
        [...keys].map((key) => [key, value()] as const),
      ),
    );
  }
  return times;
}

async function timeCommit(
  store: KeyValueStore,
  entries: readonly (readonly [string, string])[],
): Promise<number> {
  const start = performance.now();
  await store.commit(entries);
  return performance.now() - start;
}

function timeReads(store: KeyValueStore): number {
  const keys = Array.from({ length: READS }, () => keyOf(randomInt(KEYS)));
  const start = performance.now();
  for (const key of keys) {
    if (store.get(key)?.length !== VALUE_BYTES) throw new Error(`${key} was written and is not there whole`);
  }
  return (performance.now() - start) / 1_000;
}

// Spread over the order of the keys, as identifiers are.
function keyOf(n: number): string {
  return `w/anonymous_id:${(Math.imul(n, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}-${n}`;
}

// Half of it cannot be compressed, as with states that are ids and times in JSON.
function value(): string {
  const ids = randomBytes(75).toString('hex');
  return (
    `{"ids":"${ids}","observations":[`.padEnd(VALUE_BYTES - 2, '{"at":1700000000000,"source":"site"},') + ']}'
  );
}

async function bytesIn(dir: string): Promise<number> {
  const files = await readdir(dir, { recursive: true });
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(dir, file))).blocks * 512));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function turned<T>(items: readonly T[], by: number): readonly T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
