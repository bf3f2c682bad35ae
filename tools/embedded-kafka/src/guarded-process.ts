import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LOCALE } from './broker.config.js';

const GUARD = fileURLToPath(new URL('../guard.mjs', import.meta.url));

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A command that ends when this process ends, however that happens. */
export interface GuardedProcess {
  /** Of the command, not of its guard. */
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Asks the guard to end the command: `stopSignal`, and SIGKILL after 10 s. */
  end(): void;
}

/** Sends a signal to a process that may be gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Starts a command below `guard.mjs`, in a process group of its own, so that Ctrl-C on the terminal reaches only this
 * process. Rejects with the system's error (`code`) when the command cannot be run.
 */
export function startGuarded(o: {
  readonly command: string;
  readonly args: readonly string[];
  readonly pidFile: string;
  readonly outputFile: string;
  /** Asks the command to end; SIGTERM unless given. */
  readonly stopSignal?: NodeJS.Signals;
}): Promise<GuardedProcess> {
  const { command, args, pidFile, outputFile, stopSignal = 'SIGTERM' } = o;
  const guard = spawn(process.execPath, [GUARD, stopSignal, pidFile, outputFile, command, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', ...LOCALE },
  });
  // A guard that died first closes the pipe; its end comes as 'exit'.
  guard.stdin.on('error', () => undefined);
  const { promise: exited, resolve: onExit } = Promise.withResolvers<Exit>();
  return new Promise((resolve, reject) => {
    let pid: number | undefined;
    let told: Exit | undefined;
    createInterface({ input: guard.stdout }).on('line', (line) => {
      const [what, first = '', second = ''] = line.split(' ');
      if (what === 'failed') reject(Object.assign(new Error(`cannot run ${o.command}`), { code: first }));
      if (what === 'exited')
        told = { code: first === 'null' ? null : Number(first), signal: second === 'null' ? null : second };
      if (what === 'started') {
        pid = Number(first);
        resolve({ pid, exited, end: () => guard.stdin.end() });
      }
    });
    guard.on('error', reject);
    guard.on('close', () => {
      if (told === undefined && pid !== undefined) signalProcess(pid, 'SIGKILL');
      onExit(told ?? { code: null, signal: 'SIGKILL' });
      reject(new Error(`the guard of ${o.command} ended before it had started it`));
    });
  });
}
