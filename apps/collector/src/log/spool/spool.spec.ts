import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SpoolFolderError } from './spool.errors.js';
import { HeardSpool, openSpool, recordOf, recordsIn } from '../../../test/spool.fixture.js';
import { Spool } from './spool.js';

let root: string;
const open: Spool[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tributary-spool-'));
});

afterEach(async () => {
  for (const spool of open.splice(0)) await spool.close();
  await rm(root, { recursive: true });
});

async function opened(...options: readonly Parameters<typeof openSpool>[1][]) {
  const made = await openSpool(root, ...options);
  open.push(made.spool);
  return made;
}

const closeAll = async () => {
  for (const spool of open.splice(0)) await spool.close();
};
const foldersOf = async () => (await readdir(root)).filter((name) => name.startsWith('spool-'));
const fileOf = async (n = 0) => {
  const [folder = ''] = await foldersOf();
  const names = (await readdir(join(root, folder))).filter((name) => name.endsWith('.spool')).sort();
  return join(root, folder, names[n] ?? '');
};
const kept = async (name: string) => readFile(join(root, 'set-aside', name));
const records = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => recordOf(from + i));

describe('Spool', () => {
  it('gives back what it kept, in order and byte by byte, to the next process', async () => {
    const { spool } = await opened();
    const answers = await Promise.all(records(0, 200).map((record) => spool.append([record])));
    expect(new Set(answers)).toEqual(new Set(['kept']));
    expect(spool.records).toBe(200);
    await closeAll();
    const { spool: next, heard } = await opened();
    expect(heard.takenOver.map((segment) => segment.records)).toEqual([200]);
    expect(next.since).toBe(1_000);
    expect(await recordsIn(next)).toEqual(records(0, 200));
  });

  it('is empty, and its folders are gone, when all was taken from it', async () => {
    const { spool } = await opened({ segmentBytes: 500 });
    for (const record of records(0, 20)) await spool.append([record]);
    await closeAll();
    const { spool: next, heard } = await opened();
    expect(heard.takenOver.length).toBeGreaterThan(2);
    for (const segment of await next.rest()) await next.remove(segment);
    expect(next).toMatchObject({ isEmpty: true, bytes: 0, records: 0, since: undefined });
    expect(heard.replayedRecords).toBe(20);
    await closeAll();
    expect(await foldersOf()).toEqual([]);
  });

  it('refuses what is beyond its limit, and takes again when there is room', async () => {
    const { spool } = await opened({ limitBytes: 1_000 });
    expect(await spool.append([recordOf(1, 700)])).toBe('kept');
    expect(await spool.append([recordOf(2, 700)])).toBe('full');
    expect(await spool.append([recordOf(3, 10)])).toBe('kept');
    const segment = await spool.oldest();
    if (segment) await spool.remove(segment);
    expect(await spool.append([recordOf(4, 700)])).toBe('kept');
    expect(await recordsIn(spool)).toEqual([recordOf(4, 700)]);
  });

  it('says so when the disk fails, and takes again when it does not', async () => {
    const { spool, heard } = await opened();
    const [folder = ''] = await foldersOf();
    await rm(join(root, folder), { recursive: true });
    expect(await spool.append([recordOf(1)])).toBe('failed');
    expect(heard.failures).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
    expect(spool.isEmpty).toBe(true);
    open.splice(0);
  });

  it('refuses a root that cannot be written', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    await expect(openSpool(join(file, 'spool'))).rejects.toThrow(SpoolFolderError);
  });

  it('cuts an unfinished write at the last whole frame, and keeps what it cut', async () => {
    const { spool } = await opened();
    for (const record of records(0, 3)) await spool.append([record]);
    await closeAll();
    const file = await fileOf();
    const { length } = await readFile(file);
    await truncate(file, length - 5);
    const { spool: next, heard } = await opened();
    expect(await recordsIn(next)).toEqual(records(0, 2));
    expect(heard.aside).toEqual([expect.objectContaining({ reason: 'torn', file })]);
    expect(await readdir(join(root, 'set-aside'))).toHaveLength(1);
  });

  it('sets a damaged frame aside once, and reads those behind it', async () => {
    const { spool } = await opened();
    for (const record of records(0, 3)) await spool.append([record]);
    await closeAll();
    const file = await fileOf();
    const bytes = await readFile(file);
    const at = bytes.indexOf('message-1');
    bytes.write('MESSAGE', at);
    await writeFile(file, bytes);
    const { spool: next, heard } = await opened();
    expect(await recordsIn(next)).toEqual([recordOf(0), recordOf(2)]);
    expect(await recordsIn(next)).toEqual([recordOf(0), recordOf(2)]);
    expect(heard.aside).toEqual([expect.objectContaining({ reason: 'damaged', file })]);
    const [name = ''] = await readdir(join(root, 'set-aside'));
    expect((await kept(name)).includes('MESSAGE-1')).toBe(true);
  });

  it('reads a segment whose header is damaged', async () => {
    const { spool } = await opened();
    await spool.append([recordOf(0)]);
    await closeAll();
    const file = await fileOf();
    const bytes = await readFile(file);
    bytes.write('x', 0);
    await writeFile(file, bytes);
    const { spool: next, heard } = await opened();
    expect(await recordsIn(next)).toEqual([recordOf(0)]);
    expect(heard.aside).toEqual([expect.objectContaining({ reason: 'damaged' })]);
  });

  it('leaves a folder alone that a process holds, and takes it over when that is killed', async () => {
    const built = fileURLToPath(new URL('../../../dist/log/spool/spool.js', import.meta.url));
    const { value, ...record } = recordOf(7);
    const script = `import { Spool } from ${JSON.stringify(built)};
      const nothing = () => undefined;
      const observer = { adopted: nothing, replayed: nothing, setAside: nothing, unreadable: nothing, diskFailed: nothing };
      const options = { root: ${JSON.stringify(root)}, limitBytes: 1_000_000, clock: { now: () => 1_000 }, observer };
      const spool = await Spool.open(options);
      const value = Buffer.from(${JSON.stringify((value as Buffer).toString('base64'))}, 'base64');
      console.log(await spool.append([{ ...${JSON.stringify(record)}, value }]));
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    });
    const exited = once(child, 'exit');
    try {
      const [told] = (await once(child.stdout, 'data')) as [Buffer];
      expect(told.toString().trim()).toBe('kept');
      const { spool, heard } = await opened();
      expect(heard.takenOver).toEqual([]);
      expect(spool.isEmpty).toBe(true);
      child.kill('SIGKILL');
      await exited;
      await spool.adopt();
      expect(await recordsIn(spool)).toEqual([recordOf(7)]);
      const other = await opened();
      expect(other.heard.takenOver).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('answers a crowd with few fsyncs', async () => {
    const { spool } = await opened();
    let answered = 0;
    const crowd = Array.from({ length: 5_000 }, (_, n) =>
      spool.append([recordOf(n % 200)]).then((answer) => {
        if (answer === 'kept') answered += 1;
      }),
    );
    await Promise.all(crowd);
    expect(answered).toBe(5_000);
    await eventually(() => spool.records === 5_000);
  });

  it('hears nothing of a folder that is of another format, and leaves it', async () => {
    const { spool } = await opened();
    await spool.append([recordOf(0)]);
    await closeAll();
    const file = await fileOf();
    const bytes = await readFile(file);
    const { crc32 } = await import('node:zlib');
    bytes.writeUInt32LE(2, 12);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
    await writeFile(file, bytes);
    const heard = new HeardSpool();
    const next = await Spool.open({ root, limitBytes: 1_000, clock: { now: () => 0 }, observer: heard });
    open.push(next);
    expect(heard.unread).toHaveLength(1);
    expect(next.isEmpty).toBe(true);
    expect(await readFile(file)).toEqual(bytes);
  });
});
