import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SourceMessage } from '@tributary/contracts';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlCopy } from './control-copy.js';

const at = '2026-01-02T03:04:05.678Z';
const source = (id: string) => ({
  workspaceId: 'w',
  id,
  name: id,
  enabled: true,
  writeKeys: [{ key: `wk_${id}_12345678`, createdAt: at }],
  createdAt: at,
  updatedAt: at,
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-sources-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const copyIn = (dataDir: string) => new ControlCopy(dataDir, 'sources', SourceMessage);

describe('a copy of definitions', () => {
  it('is none at first, then the last that was written, whole', async () => {
    const copy = copyIn(folder);
    expect(await copy.read()).toBeUndefined();
    await Promise.all(['a', 'b', 'c'].map((id) => copy.write([source(id)])));
    expect(await copyIn(folder).read()).toEqual([source('c')]);
    expect(await readdir(join(folder, 'collector'))).toEqual(['sources.json']);
  });

  it('is for nobody but the owner', async () => {
    await copyIn(folder).write([source('a')]);
    expect((await stat(join(folder, 'collector/sources.json'))).mode & 0o077).toBe(0);
  });

  it.each(['{"format":1', '{"format":9,"sources":[]}'])('is not read where it is %s', async (text) => {
    const copy = copyIn(folder);
    await copy.write([]);
    await writeFile(join(folder, 'collector/sources.json'), text);
    await expect(copy.read()).rejects.toThrow();
  });
});
