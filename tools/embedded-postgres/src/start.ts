import { startGuarded, type EmbeddedServer, type GuardedProcess } from '@tributary/embedded-kafka';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { binariesIn, findBinaries, type Binaries } from './binaries.js';
import { DATABASE, makeCluster, makeLayout, passwordIn, reasonIn, USER, type Layout } from './cluster.js';
import { DataDirInUseError, PortInUseError, PostgresStartError } from './embedded-postgres.errors.js';
import { runAs, type RunAs } from './run-as.js';

/** A running PostgreSQL. */
export interface EmbeddedPostgres extends EmbeddedServer {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
}

export interface StartPostgresOptions {
  /** Folder of the databases, the password and the server's output; made when absent. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** Whether an answered write survives the machine's going down, as it survives the process's; true unless given. */
  readonly durable?: boolean;
  /** How long a server that a killed run left has for its end; 15,000 ms unless given. */
  readonly patienceMs?: number;
  /** Folder of the programs of another PostgreSQL than npm's. */
  readonly bin?: string | undefined;
}

const POLL_MS = 20;
const READY_WITHIN_MS = 60_000;
const LEFTOVER_WITHIN_MS = 15_000;

/** What it needs for some thousand definitions and a few hundred requests a second. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '32MB',
  max_connections: '200',
  max_wal_size: '256MB',
  dynamic_shared_memory_type: 'mmap',
  // A client that is gone without a word holds its locks no longer than this.
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
};
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts PostgreSQL on a folder that it makes or recovers; resolves when it takes connections. What was answered
 * survives its being killed. The process ends with this one, even when this one is killed. Where this one is root, the
 * server runs as `nobody`.
 *
 * @throws EmbeddedPostgresError saying in one line what is missing or in the way
 */
export async function startPostgres(o: StartPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = o.bin === undefined ? await findBinaries() : binariesIn(o.bin);
  const as = await runAs();
  const files = await makeLayout(o.dataDir);
  await awaitLeftover(o.dataDir, files, o.patienceMs ?? LEFTOVER_WITHIN_MS);
  const port = await freePort(o.port);
  const password = await passwordIn(files);
  await rm(files.output, { force: true });
  await makeCluster(files, binaries, as, o.durable ?? true);
  const server = await launchUntilReady(files, argumentsOf(files, binaries, as, port, o.durable ?? true));
  return {
    pid: server.pid,
    exited: server.exited,
    url: `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    stop: async () => {
      server.end();
      await server.exited;
    },
    kill: (signal) => {
      signalIfThere(server.pid, signal);
    },
  };
}

function argumentsOf(
  files: Layout,
  { postgres }: Binaries,
  as: RunAs,
  port: number,
  durable: boolean,
): readonly string[] {
  const settings = { ...SETTINGS, ...(durable ? {} : NOT_DURABLE), port: String(port) };
  const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return [...as.before, postgres, '-D', files.cluster, ...given];
}

/** What a killed server's children still hold keeps a new one from starting for a moment. */
async function launchUntilReady(files: Layout, command: readonly string[]): Promise<GuardedProcess> {
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const [program = '', ...args] = command;
    const server = await startGuarded({
      command: program,
      args,
      pidFile: files.pid,
      outputFile: files.output,
      stopSignal: 'SIGINT',
    });
    if (await becomesReady(files, server, until)) return server;
    server.end();
    await server.exited;
    const output = await readFile(files.output, 'utf8').catch(() => '');
    const isHeld = /still in use|lock file .* already exists/.test(output);
    if (!isHeld || performance.now() > until)
      throw new PostgresStartError(reasonIn(output) ?? 'it did not become ready', files.output);
    await rm(files.output, { force: true });
    await delay(POLL_MS * 5);
  }
}

async function becomesReady(files: Layout, server: GuardedProcess, until: number): Promise<boolean> {
  const life = { ended: false };
  void server.exited.then(() => (life.ended = true));
  while (!life.ended && performance.now() < until) {
    const lines = (await readFile(join(files.cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return true;
    await delay(POLL_MS);
  }
  return false;
}

/** The server of a run that was killed ends by itself; two must never write to one folder. */
async function awaitLeftover(dataDir: string, files: Layout, patienceMs: number): Promise<void> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const text = await readFile(join(files.cluster, 'postmaster.pid'), 'utf8').catch(() => '');
    const pid = Number(text.split('\n')[0]);
    if (!pid || !(await serves(pid, files.cluster))) return;
    if (performance.now() > until) throw new DataDirInUseError(dataDir, pid);
    await delay(POLL_MS);
  }
}

/** Where the system says (Linux); elsewhere the server itself refuses a folder that is held. */
async function serves(pid: number, cluster: string): Promise<boolean> {
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return args.includes(cluster);
}

async function freePort(port: number): Promise<number> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortInUseError(port);
    throw error;
  }
  const { port: free } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return free;
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
