import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { usageOf, type Usage } from '../processes.js';

/** What a program said, how it ended, and what it took. */
export interface MeasuredRun {
  readonly code: number | null;
  /** Both of its outputs. */
  readonly output: string;
  readonly seconds: number;
  /** As of the last look before its end: a tenth of a second may be missing. */
  readonly usage: Usage;
}

const LOOK_MS = 100;

/** Runs a program of Node.js to its end, looking at what it uses. It is killed when the stack is undone. */
export async function runMeasured(
  program: string,
  { args, env }: { readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv },
  stack: AsyncDisposableStack,
): Promise<MeasuredRun> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  stack.defer(() => void child.kill('SIGKILL'));
  const said: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => said.push(data));
  child.stderr.on('data', (data: Buffer) => said.push(data));
  const closed = once(child, 'close') as Promise<[number | null]>;
  let usage: Usage = { cpuMicroseconds: NaN, ownBytes: NaN, peakBytes: NaN };
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    usage = lookAt(child.pid) ?? usage;
    await Promise.race([pause(LOOK_MS), closed]);
  }
  const [code] = await closed;
  return {
    code,
    output: Buffer.concat(said).toString('utf8'),
    seconds: (performance.now() - start) / 1_000,
    usage,
  };
}

/** Undefined where it has ended, which is reported in a moment. */
function lookAt(pid: number): Usage | undefined {
  try {
    const usage = usageOf(pid);
    return Number.isNaN(usage.peakBytes) ? undefined : usage;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
