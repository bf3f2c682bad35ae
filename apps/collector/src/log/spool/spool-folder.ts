import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspected, isSegment, type Segment } from './segment.js';

const LOCK = 'lock';
const FOLDER = 'spool-';
const MAKING = 'making-';
const SQLITE_BUSY = 5;
const SQLITE_CANTOPEN = 14;
/** A lock that nobody refers to would be let go when memory is collected. */
const held = new Set<DatabaseSync>();

/**
 * A folder of segments, held by this process alone: the kernel's lock on its file `lock`, which SQLite takes, ends with
 * the process however it ends, and no other process, in a container of its own too, can have it meanwhile. Only who made
 * a folder ever writes segments into it.
 */
export class SpoolFolder {
  private constructor(
    readonly path: string,
    private readonly lock: DatabaseSync,
  ) {}

  /** A new one. It is held before it has the name under which others look for it. */
  static async make(root: string): Promise<SpoolFolder> {
    const id = randomUUID();
    const draft = join(root, `${MAKING}${id}`);
    await mkdir(draft, { recursive: true });
    const lock = lockIn(draft);
    if (!lock) throw new Error(`the lock of the new folder ${draft} is held`);
    const path = join(root, `${FOLDER}${new Date().toISOString().replaceAll(/[:.]/g, '')}-${id}`);
    await rename(draft, path);
    await syncFolder(root);
    return new SpoolFolder(path, lock);
  }

  /** The folders whose process is gone, oldest first, held from now on. */
  static async adopt(root: string): Promise<readonly SpoolFolder[]> {
    const names = (await readdir(root)).filter((name) => name.startsWith(FOLDER)).sort();
    return names.flatMap((name) => {
      const path = join(root, name);
      const lock = lockIn(path);
      return lock ? [new SpoolFolder(path, lock)] : [];
    });
  }

  /** Its segments in the order in which they were written. */
  async segments(): Promise<readonly Segment[]> {
    const names = (await readdir(this.path)).filter(isSegment).sort();
    const segments: Segment[] = [];
    for (const name of names) {
      const file = join(this.path, name);
      segments.push(inspected(file, await readFile(file)));
    }
    return segments;
  }

  /** Lets it go; it is removed unless there is anything in it. */
  async release(): Promise<void> {
    const left = await readdir(this.path);
    const isEmpty = left.every((name) => name === LOCK);
    // 1. The file goes while it is locked: who opens it later makes another, and finds the folder empty.
    if (isEmpty) await rm(join(this.path, LOCK), { force: true });
    // 2. The lock. 3. The folder.
    held.delete(this.lock);
    this.lock.close();
    if (isEmpty) await rmdir(this.path).catch(() => undefined);
  }
}

/** Makes the creation and removal of files in a folder last. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export async function removeFile(file: string): Promise<void> {
  await unlink(file);
}

function lockIn(path: string): DatabaseSync | undefined {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(path, LOCK), { timeout: 0 });
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    held.add(lock);
    return lock;
  } catch (error) {
    lock?.close();
    if ((error as { readonly errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    // Another removed the folder meanwhile.
    if ((error as { readonly errcode?: number }).errcode === SQLITE_CANTOPEN) return undefined;
    throw error;
  }
}
