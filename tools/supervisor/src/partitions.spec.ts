import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { partitionsFor, partitionsOf } from './partitions.js';

describe('partitionsFor', () => {
  it.each([
    [1, 2],
    [2, 2],
    [8, 8],
    [64, 16],
  ])('gives %d cores %d partitions', (cores, partitions) => {
    expect(partitionsFor(cores)).toBe(partitions);
  });
});

describe('partitionsOf', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'partitions-'));
  });

  afterEach(async () => {
    await rm(dataDir, { recursive: true });
  });

  it('goes by the machine where nothing is given', async () => {
    expect(await partitionsOf(dataDir, undefined)).toBe(String(partitionsFor(availableParallelism())));
  });

  it('keeps what a data folder began with, on a machine of any size', async () => {
    await partitionsOf(dataDir, '7');
    expect(await partitionsOf(dataDir, undefined)).toBe('7');
    await writeFile(join(dataDir, 'kafka', 'partitions'), '5\n');
    expect(await partitionsOf(dataDir, undefined)).toBe('5');
  });

  it('hands on what is given, also where the folder has another: the services refuse it by name', async () => {
    await partitionsOf(dataDir, '7');
    expect(await partitionsOf(dataDir, '6')).toBe('6');
    expect(await partitionsOf(dataDir, undefined)).toBe('7');
  });
});
