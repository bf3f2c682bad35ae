import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OwnPlatform } from '@tributary/harness';
import type { ServiceProcess } from '@tributary/supervisor';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCollector } from './collector-under-test.js';
import { anyBytes, anyRequest } from './requests.js';
import { hangUp, outcomeOf, outcomeOfBytes, type Outcome } from './sending.js';

const AT_ONCE = 20;
const RUNS = propertyRuns(20);
const MEMORY_MB = 200;
const key = 'fuzzed-write-key';
const routes = [
  ...readFileSync(new URL('../../../docs/routes.md', import.meta.url), 'utf8').matchAll(
    /^\| (GET|POST) `(.+?)`/gm,
  ),
].map(([, method = '', path = '']) => `${method} ${path}`);

const stack = new AsyncDisposableStack();
let platform: OwnPlatform<'collector'>;
let collector: ServiceProcess;
beforeAll(async () => {
  platform = await startCollector(stack, {
    TRIBUTARY_WRITE_KEY: key,
    LOG_LEVEL: 'trace',
    COLLECTOR_APPEND_TIMEOUT_MS: '30000',
    COLLECTOR_TRUSTED_HOPS: '1',
  });
  ({ collector } = platform.services);
});
afterAll(async () => {
  hangUp();
  await stack.disposeAsync();
});

const memoryMb = () =>
  Math.round(
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(collector.pid)], { encoding: 'utf8' })) / 1_024,
  );

async function shown(metric: string): Promise<string | undefined> {
  const text = await (await fetch(`${collector.url}/metrics`)).text();
  return new RegExp(`^${metric}(?:{.*?})? (.*)$`, 'm').exec(text)?.[1];
}

describe('the collector', () => {
  it(
    'answers whatever it is sent, never with a 5xx, and holds nothing of it',
    async () => {
      const pid = collector.pid;
      const counts = new Map<Outcome, number>();
      const memory: number[] = [];
      const one = fc.oneof(
        { weight: 15, arbitrary: anyRequest(routes, key).map((r) => () => outcomeOf(collector.url, r)) },
        { weight: 1, arbitrary: anyBytes.map((bytes) => () => outcomeOfBytes(collector.url, bytes)) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(one, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (sends) => {
          const outcomes = await Promise.all(sends.map((send) => send()));
          for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
          memory.push(memoryMb());
          expect(outcomes.filter((outcome) => Number(outcome) >= 500)).toEqual([]);
        }),
        { numRuns: RUNS },
      );
      expect(collector.pid).toBe(pid);
      expect((await fetch(`${collector.url}/health/ready`)).status).toBe(200);
      expect(await shown('tributary_collector_in_flight_bytes')).toBe('0');
      const [first = 0, last = 0] = [memory[Math.floor(memory.length / 10)], memory.at(-1)];
      if (process.env.PROPERTY_RUNS_FACTOR !== undefined) tell(counts, first, last, Math.max(...memory));
      expect(last - first).toBeLessThan(MEMORY_MB);
      expect(counts.get(200)).toBeGreaterThan(RUNS);
      expect(counts.get('closed') ?? 0).toBeLessThan(RUNS);
    },
    propertyRuns(60_000),
  );

  it('logs no write key, and no request that failed', async () => {
    const log = await readFile(join(platform.dataDir, 'logs/collector.log'), 'utf8');
    expect(log).toContain('service is ready');
    for (const secret of [key, Buffer.from(key).toString('base64').slice(0, -4), 'request failed'])
      expect(log).not.toContain(secret);
  });
});

function tell(counts: ReadonlyMap<Outcome, number>, first: number, last: number, most: number): void {
  const sorted = [...counts].sort(([a], [b]) => String(a).localeCompare(String(b)));
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  process.stdout.write(
    `${total} requests: ${sorted.map(([status, count]) => `${status}: ${count}`).join(', ')}\n` +
      `memory: ${first} MB after a tenth of them, ${last} MB at the end, ${most} MB at most\n`,
  );
}
