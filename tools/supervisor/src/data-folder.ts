import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataFolderError, DataFolderInUseError } from './supervisor.errors.js';

/**
 * Makes the data folder and holds it for this process until `release`. The lock is the file `lock` with the process's
 * id and, on Linux, its start; that of a process that is gone is taken over.
 *
 * @throws DataFolderInUseError, DataFolderError
 */
export async function lockDataFolder(dataDir: string): Promise<{ release(): Promise<void> }> {
  const file = join(dataDir, 'lock');
  const mine = `${process.pid} ${await startOf(process.pid)}`;
  try {
    await makeFolder(join(dataDir, 'logs'));
    for (;;) {
      if (await claims(file, mine)) break;
      const [pid = '', start = ''] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
      if (isAlive(Number(pid)) && (await startOf(Number(pid))) === start) {
        throw new DataFolderInUseError(dataDir, Number(pid));
      }
      await rm(file, { force: true });
    }
  } catch (cause) {
    if (cause instanceof DataFolderInUseError) throw cause;
    throw new DataFolderError(dataDir, { cause });
  }
  return { release: () => rm(file, { force: true }) };
}

// Parents first, one by one: where a file system lets nobody make a folder, `recursive` never comes to an end.
async function makeFolder(folder: string): Promise<void> {
  const isThere = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isThere) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  // Customers' data: nobody else on the machine reads it.
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}

// Linked in whole: nobody ever reads a lock that is only half written.
async function claims(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, where the system knows (Linux): a pid alone may be another's by now. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
