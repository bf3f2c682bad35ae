import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How an attempt ended. */
export interface Ended {
  /** Everything that is wrong, a line each; empty when it passed. */
  readonly wrong: readonly string[];
  /** Where the data and the logs are, when they were kept. */
  readonly keptIn?: string;
}

/**
 * Works in a temporary folder with what the stack holds, and answers with what was wrong: what it found itself, then
 * why it ended early, then processes that are left over. The folder is removed unless something is wrong.
 */
export async function attempt(
  work: (dataDir: string, stack: AsyncDisposableStack) => Promise<void>,
  found: () => readonly string[],
): Promise<Ended> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-crash-'));
  const stack = new AsyncDisposableStack();
  const failures: string[] = [];
  const tried = (step: Promise<void>) =>
    step.catch((error: unknown) => failures.push(error instanceof Error ? error.message : String(error)));
  await tried(work(dataDir, stack));
  await tried(stack.disposeAsync());
  const left = await leftOver(dataDir);
  const wrong = [...found(), ...failures, ...left.map((process) => `left over: process ${process}`)];
  if (wrong.length > 0) return { wrong, keptIn: dataDir };
  await rm(dataDir, { recursive: true, force: true });
  return { wrong };
}

/** Tells of ends of services that no fault asked for. By our own hand: whoever else kills one does it with another signal. */
export function unasked(ends: string[], say: (line: string) => void): (line: string) => void {
  return (line) => {
    if (line.includes('ended by SIGKILL')) return;
    if (/ (ended|did not start)\b/.test(line)) ends.push(line);
    say(line);
  };
}

/** Processes whose arguments or environment name the data folder, as `pid command`. Linux tells; elsewhere none. */
async function leftOver(dataDir: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found: string[] = [];
  for (const pid of pids) {
    if (Number(pid) === process.pid) continue;
    const [args = '', environment = ''] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    if (`${args}${environment}`.includes(dataDir))
      found.push(`${pid} ${args.replaceAll('\0', ' ').slice(0, 100)}`);
  }
  return found;
}
