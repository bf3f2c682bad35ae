import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastError } from './last-error.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-log-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true });
});

async function errorOf(log: string, from = 0): Promise<string> {
  const file = join(dir, 'service.log');
  await writeFile(file, log);
  return lastError(file, from);
}

const line = (level: number, message: string) => `${JSON.stringify({ level, err: { message } })}\n`;

describe('lastError', () => {
  it('is the message of the last error, whatever was said after it', async () => {
    expect(await errorOf(`${line(50, 'first')}${line(60, 'last')}${line(30, 'goodbye')}`)).toBe('last');
  });

  it('is one line', async () => {
    expect(await errorOf(line(60, 'a\n  b\nc'))).toBe('a b c');
  });

  it('is the error that Node.js prints when a program cannot be run', async () => {
    const log =
      "node:internal\n\nError: Cannot find module 'x'\n    at new Error (a.js:1:2)\n\nNode.js v24\n";
    expect(await errorOf(log)).toBe("Error: Cannot find module 'x'");
  });

  it('is the last line when none names an error', async () => {
    expect(await errorOf('settings\nX_PORT is wrong\n')).toBe('X_PORT is wrong');
  });

  it('looks at nothing before the given byte', async () => {
    const earlier = line(60, 'earlier');
    expect(await errorOf(earlier, earlier.length)).toBe('it said nothing');
  });

  it('reads the end of a log of any size', async () => {
    expect(await errorOf(`${line(30, 'x').repeat(5_000)}${line(60, 'last')}`)).toBe('last');
  });

  it('does without a log', async () => {
    expect(await lastError(join(dir, 'none.log'), 0)).toBe('it said nothing');
  });
});
