import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { DataDirInUseError } from './embedded-kafka.errors.js';
import { signalProcess } from './guarded-process.js';

const GRACE_MS = 10_000;
const POLL_MS = 50;

async function isBrokerOf(pid: number, properties: string): Promise<boolean> {
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return args.includes('kafka.Kafka') && args.includes(properties);
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

/**
 * Ends the broker that a killed run left on a data folder, so that two never write to one folder. A broker whose
 * supervisor still lives is not left over.
 *
 * @throws DataDirInUseError
 */
export async function endLeftover(o: {
  readonly dataDir: string;
  readonly pidFile: string;
  readonly properties: string;
}): Promise<void> {
  const text = await readFile(o.pidFile, 'utf8').catch(() => '');
  const [pid = 0, supervisor = 0] = text.trim().split(' ').map(Number);
  if (pid <= 0 || !(await isBrokerOf(pid, o.properties))) return;
  if ((await parentOf(await parentOf(pid))) === supervisor) throw new DataDirInUseError(o.dataDir, pid);
  signalProcess(pid, 'SIGTERM');
  const killAt = performance.now() + GRACE_MS;
  while (await isBrokerOf(pid, o.properties)) {
    if (performance.now() > killAt) signalProcess(pid, 'SIGKILL');
    await delay(POLL_MS);
  }
}
