import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { monotonicMs } from '../load/clock.js';
import { percentile } from '../statistics.js';
import type { Reads, ReadsOptions } from './reads.js';

/**
 * Reads at a constant rate, whatever the answers take: a read that is late because those before it were counts from
 * when it was to be sent.
 */
export async function readAtRate(options: ReadsOptions): Promise<Reads> {
  const { url, paths, rate, seconds, connections } = options;
  const pool = new Pool(url, { connections, pipelining: 1 });
  const headers = { authorization: `Bearer ${options.token}` };
  const latencies: number[] = [];
  let [failed, ofState] = [0, 0];
  const read = async (path: string, intendedAt: number) => {
    try {
      const { statusCode, headers: said, body } = await pool.request({ path, method: 'GET', headers });
      await body.dump();
      latencies.push(monotonicMs() - intendedAt);
      if (statusCode !== 200) failed += 1;
      if (said['x-data-source'] === 'state') ofState += 1;
    } catch {
      failed += 1;
    }
  };
  const startedAt = monotonicMs();
  const total = Math.round(rate * seconds);
  const underWay = new Set<Promise<void>>();
  for (let next = 0; next < total;) {
    const due = Math.min(total, ((monotonicMs() - startedAt) * rate) / 1_000);
    for (; next < due; next += 1) {
      const one = read(paths[next % paths.length] ?? '/', startedAt + (next * 1_000) / rate);
      underWay.add(one);
      void one.then(() => underWay.delete(one));
    }
    await pause(1);
  }
  await Promise.all(underWay);
  await pool.destroy();
  return {
    answered: latencies.length,
    ...{ failed, ofState },
    latenciesMs: {
      p50: percentile(latencies, 0.5),
      p95: percentile(latencies, 0.95),
      p99: percentile(latencies, 0.99),
      max: percentile(latencies, 1),
    },
  };
}
