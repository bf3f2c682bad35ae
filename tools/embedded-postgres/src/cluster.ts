import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, appendFile, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { DataDirError, PostgresStartError } from './embedded-postgres.errors.js';
import type { RunAs } from './run-as.js';

/** The one user, and the database that the platform uses. */
export const USER = 'tributary';
export const DATABASE = 'tributary';

/** Where things are in the data folder. */
export interface Layout {
  readonly cluster: string;
  readonly draft: string;
  readonly output: string;
  readonly password: string;
  readonly pid: string;
}

/** @throws DataDirError */
export async function makeLayout(dataDir: string): Promise<Layout> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const folder = await realpath(dataDir);
    return {
      cluster: join(folder, 'cluster'),
      draft: join(folder, 'cluster.new'),
      output: join(folder, 'server.log'),
      password: join(folder, 'password'),
      pid: join(folder, 'pid'),
    };
  } catch (cause) {
    throw new DataDirError(dataDir, { cause });
  }
}

/** Reads the password of the folder, or makes one: whoever may read the folder may read the database. */
export async function passwordIn(files: Layout): Promise<string> {
  const made = randomBytes(24).toString('hex');
  await writeFile(files.password, made, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  return readFile(files.password, 'utf8');
}

/** Makes the cluster where there is none: aside at first, so that one that was cut off is not taken for whole. */
export async function makeCluster(
  files: Layout,
  { initdb, postgres }: Binaries,
  as: RunAs,
  durable: boolean,
): Promise<void> {
  const isThere = await access(files.cluster).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await rm(files.draft, { recursive: true, force: true });
  await mkdir(files.draft, { mode: 0o700 });
  await as.own(files.draft);
  const how = ['--encoding=UTF8', '--no-locale', '--auth=scram-sha-256', '--no-instructions'];
  if (!durable) how.push('--no-sync');
  const who = [`--username=${USER}`, `--pwfile=${files.password}`];
  await run([...as.before, initdb, ...how, ...who, '-D', files.draft], '', files.output);
  const alone = ['--single', '-D', files.draft, 'postgres'];
  await run([...as.before, postgres, ...alone], `CREATE DATABASE ${DATABASE}\n`, files.output);
  await rename(files.draft, files.cluster);
}

async function run(
  [command = '', ...args]: readonly string[],
  input: string,
  logFile: string,
): Promise<void> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  await appendFile(logFile, output);
  if (code !== 0) throw new PostgresStartError(reasonIn(output) ?? `code ${code ?? -1}`, logFile);
}

/** The line of PostgreSQL's output that says why it ended. */
export function reasonIn(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => /\b(FATAL|PANIC|error|ERROR):/.test(line));
  return lines.at(-1)?.replace(/^.*?(FATAL|PANIC|error|ERROR): +/, '');
}
