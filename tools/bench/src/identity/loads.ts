import { caughtUp } from '@tributary/harness';
import { supernode, Visitors, type Visit } from '@tributary/harness/people';
import { setTimeout as pause } from 'node:timers/promises';
import type { BenchContext } from '../bench.js';
import { monotonicMs } from '../load/clock.js';
import type { IdentityBed } from './identity-bed.js';

const BATCH = 500;
const TICK_MS = 10;
const IDENTIFIERS_A_PERSON = 2.5;
const SUPERNODE_OPEN = 2_000;
const STALLED_MS = 120_000;

/** How many new links, and how long it took until they were answered. */
export interface Rate {
  readonly links: number;
  readonly seconds: number;
  /** Of identity's process, in microseconds. */
  readonly cpu: number;
}

/** As fast as Kafka takes them. */
export async function burst(bed: IdentityBed, visitors: Visitors, events: number): Promise<Rate> {
  const { writer, watch } = bed;
  watch.listen();
  const began = monotonicMs();
  const cpuBefore = bed.usage().cpuMicroseconds;
  let links = 0;
  for (let written = 0; written < events; written += BATCH) {
    const visits = take(visitors, Math.min(BATCH, events - written));
    links += linksOf(visits);
    watch.expect(await writer.write(visits));
  }
  const seconds = ((await watch.until()) - began) / 1_000;
  watch.forget();
  return { links, seconds, cpu: bed.usage().cpuMicroseconds - cpuBefore };
}

interface Pace {
  readonly events: number;
  /** A second. */
  readonly rate: number;
}

/** At so many events a second; answers with the milliseconds that each waited for its answer. */
export async function paced(bed: IdentityBed, visitors: Visitors, pace: Pace): Promise<readonly number[]> {
  const { watch } = bed;
  watch.listen();
  await writePaced(bed, visitors, { ...pace, isOver: () => false });
  await watch.until();
  const latencies = [...watch.latenciesMs];
  watch.forget();
  return latencies;
}

async function writePaced(
  { writer, watch }: IdentityBed,
  visitors: Visitors,
  { events, rate, isOver }: Pace & { readonly isOver: () => boolean },
): Promise<void> {
  const began = monotonicMs();
  const sending: Promise<void>[] = [];
  let written = 0;
  while (written < events && !isOver()) {
    const due = Math.min(events, Math.ceil(((monotonicMs() - began) * rate) / 1_000)) - written;
    if (due > 0) {
      const writing = writer.write(take(visitors, due));
      sending.push(
        writing.then((all) => {
          watch.expect(all);
        }),
      );
      written += due;
    }
    await pause(TICK_MS);
  }
  await Promise.all(sending);
}

/** One identifier meets so many, while others come and go. */
export async function writeSupernode(
  bed: IdentityBed,
  { partners, othersRate: rate }: { readonly partners: number; readonly othersRate: number },
) {
  const { watch } = bed;
  watch.listen();
  const began = monotonicMs();
  let isOver = false;
  let peakOwnBytes = 0;
  const others = writePaced(bed, new Visitors('beside-supernode'), {
    events: Infinity,
    rate,
    isOver: () => isOver,
  });
  for (const visits of batches(supernode(`${partners}`, partners))) {
    await watch.until(SUPERNODE_OPEN);
    watch.expect(await bed.writer.write(visits), 'untimed');
    peakOwnBytes = Math.max(peakOwnBytes, bed.usage().ownBytes);
  }
  await watch.until(rate);
  isOver = true;
  await others;
  const seconds = ((await watch.until()) - began) / 1_000;
  const othersMs = [...watch.latenciesMs];
  watch.forget();
  return { seconds, othersMs, peakOwnBytes };
}

function* batches(visits: Iterable<Visit>): Iterable<readonly Visit[]> {
  let batch: Visit[] = [];
  for (const visit of visits) {
    batch.push(visit);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Loads people of about so many identifiers and waits until they are folded; answers with the links a second. */
export async function grow(bed: IdentityBed, identifiers: number, say: BenchContext['say']): Promise<Rate> {
  const visitors = new Visitors(`grown-${identifiers}`);
  say(`loading ${identifiers.toLocaleString('en')} identifiers …`);
  const began = monotonicMs();
  const cpuBefore = bed.usage().cpuMicroseconds;
  let links = 0;
  while (visitors.people * IDENTIFIERS_A_PERSON < identifiers) {
    const visits = take(visitors, BATCH);
    links += linksOf(visits);
    await bed.writer.write(visits);
  }
  say(`written after ${Math.round((monotonicMs() - began) / 1_000)} s`);
  await caughtUp(bed.platform, ['identity'], STALLED_MS);
  const cpu = bed.usage().cpuMicroseconds - cpuBefore;
  return { links, seconds: (monotonicMs() - began) / 1_000, cpu };
}

const take = (visitors: Visitors, count: number): readonly Visit[] =>
  Array.from({ length: count }, () => visitors.next());

const linksOf = (visits: readonly Visit[]) => visits.reduce((sum, { links }) => sum + links, 0);
