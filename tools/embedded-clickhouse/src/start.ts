import { fork, type ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import {
  ClickHouseStartError,
  DataDirError,
  DataDirInUseError,
  PortInUseError,
} from './embedded-clickhouse.errors.js';

// A process needs JavaScript: the same built file whether this module runs from src/ or dist/.
const SERVER = fileURLToPath(new URL('../dist/server.js', import.meta.url));
const STOP_WITHIN_MS = 11_000;
const LEFTOVER_WITHIN_MS = 10_000;
const POLL_MS = 50;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A server that runs as a child of this process and ends with it. */
export interface EmbeddedServer {
  readonly pid: number;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<Exit>;
  /** Ends the server in good order, by force when that takes longer than 11 s; resolves when it is gone. */
  stop(): Promise<void>;
  /** Sends the server a signal. */
  kill(signal: NodeJS.Signals): void;
}

/** A running engine. */
export interface EmbeddedClickHouse extends EmbeddedServer {
  /** `http://host:port` of ClickHouse's HTTP interface; no user or password is asked for. */
  readonly url: string;
}

export interface StartClickHouseOptions {
  /** Folder of the databases and the server's output; made when absent. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 takes any free one. */
  readonly port: number;
}

interface Layout {
  readonly engine: string;
  readonly output: string;
  readonly pid: string;
}

async function makeLayout(dataDir: string): Promise<Layout> {
  try {
    await mkdir(join(dataDir, 'engine'), { recursive: true });
    const dir = await realpath(dataDir);
    const files = {
      engine: join(dir, 'engine'),
      output: join(dir, 'server.log'),
      pid: join(dir, 'server.pid'),
    };
    await writeFile(files.output, '');
    return files;
  } catch (cause) {
    throw new DataDirError(dataDir, { cause });
  }
}

async function holdsFolder(pid: number, engineDir: string): Promise<boolean> {
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return args.includes(SERVER) && args.includes(engineDir);
}

/** The server of a run that was killed ends by itself; two must never write to one folder. */
async function awaitLeftover(dataDir: string, files: Layout): Promise<void> {
  const pid = Number(await readFile(files.pid, 'utf8').catch(() => '0'));
  const until = performance.now() + LEFTOVER_WITHIN_MS;
  while (pid > 0 && (await holdsFolder(pid, files.engine))) {
    if (performance.now() > until) throw new DataDirInUseError(dataDir, pid);
    await delay(POLL_MS);
  }
}

function spawnServer(files: Layout, port: number): ChildProcess {
  const output = openSync(files.output, 'a');
  try {
    return fork(SERVER, [files.engine, port.toString()], {
      detached: true,
      execArgv: [],
      stdio: ['ignore', output, output, 'ipc'],
      // Threads of Node's pool carry the statements and the compression beside them.
      env: { ...process.env, NODE_OPTIONS: '', UV_THREADPOOL_SIZE: '8' },
    });
  } finally {
    closeSync(output);
  }
}

function listening(
  child: ChildProcess,
  exited: Promise<Exit>,
  port: number,
  logFile: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: { readonly port?: number; readonly failed?: string }) => {
      if (message.port !== undefined) resolve(message.port);
      else if (message.failed === 'EADDRINUSE') reject(new PortInUseError(port));
      else reject(new ClickHouseStartError(message.failed ?? 'it failed', logFile));
    });
    child.on('error', reject);
    void exited.then((exit) => {
      reject(
        new ClickHouseStartError(`it ended at once (${exit.signal ?? `code ${exit.code ?? -1}`})`, logFile),
      );
    });
  });
}

/**
 * Starts the ClickHouse engine (26.7, from the package chdb) as a process that speaks ClickHouse's HTTP interface, on a
 * folder that it makes or opens; resolves when it listens. What was inserted survives the process's being killed. The
 * process ends with this one, even when this one is killed.
 *
 * @throws EmbeddedClickHouseError saying in one line what is in the way
 */
export async function startClickHouse(o: StartClickHouseOptions): Promise<EmbeddedClickHouse> {
  const files = await makeLayout(o.dataDir);
  await awaitLeftover(o.dataDir, files);
  const child = spawnServer(files, o.port);
  const { promise: exited, resolve: onExit } = Promise.withResolvers<Exit>();
  child.on('exit', (code, signal) => {
    onExit({ code, signal });
  });
  const port = await listening(child, exited, o.port, files.output);
  const pid = child.pid ?? 0;
  await writeFile(files.pid, pid.toString());
  return {
    pid,
    exited,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await exited;
      clearTimeout(force);
    },
    kill: (signal) => {
      child.kill(signal);
    },
  };
}
