import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataFolder } from './data-folder.js';
import { DataFolderInUseError } from './supervisor.errors.js';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tributary-folder-'));
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

describe('lockDataFolder', () => {
  it('makes a folder that no other user of the machine can read', async () => {
    const dataDir = join(parent, 'données of the shop', 'tributary');
    await lockDataFolder(dataDir);
    expect((await stat(dataDir)).mode & 0o077).toBe(0);
  });

  it('holds the folder until it is released', async () => {
    const lock = await lockDataFolder(parent);
    await expect(lockDataFolder(parent)).rejects.toThrow(DataFolderInUseError);
    await lock.release();
    const next = await lockDataFolder(parent);
    await next.release();
  });
});
