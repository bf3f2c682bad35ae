import { cp, mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { prepareKafka } from './jars.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kafka-jars-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe('prepareKafka', () => {
  it('fetches the jars again when one of them is damaged, says so, and leaves nothing else', async () => {
    const whole = await prepareKafka();
    const dir = join(root, 'jars');
    await cp(whole, dir, { recursive: true });
    const jar = 'kafka-clients-4.2.0.jar';
    await truncate(join(dir, jar), 1000);
    const said: string[] = [];
    expect(await prepareKafka({ dir, say: (line) => said.push(line) })).toBe(dir);
    expect(said).toEqual(['fetching Apache Kafka 4.2.0 with Maven (once, 43 MB) …']);
    expect((await readFile(join(dir, jar))).equals(await readFile(join(whole, jar)))).toBe(true);
    expect(await readdir(root)).toEqual(['jars']);
    expect(await prepareKafka({ dir, say: (line) => said.push(line) })).toBe(dir);
    expect(said).toHaveLength(1);
  });
});
