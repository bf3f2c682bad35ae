import type { Platform, ServiceName } from '@tributary/supervisor';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../bench.errors.js';
import { processesOf } from './own-platform.js';

const LONGEST = 600;

/**
 * Nothing is started again behind a benchmark's back, so a process that has ended is the end of the benchmark.
 *
 * @throws BenchError with the last thing that its log says
 */
export async function assertAllRun<S extends ServiceName>(platform: Platform<S>): Promise<void> {
  for (const [name, pid] of processesOf(platform)) {
    if (existsSync(`/proc/${pid}`)) continue;
    const log = await readFile(join(platform.dataDir, 'logs', `${name}.log`), 'utf8').catch(() => '');
    const last = log.trim().split('\n').at(-1)?.slice(0, LONGEST);
    throw new BenchError(`${name} has ended in the middle of it; its log ends with: ${last ?? 'nothing'}`);
  }
}
