import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMeasured } from './measured-run.js';

let dir: string;
let stack: AsyncDisposableStack;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-measured-'));
  stack = new AsyncDisposableStack();
});

afterEach(async () => {
  await stack.disposeAsync();
  await rm(dir, { recursive: true });
});

async function run(source: string, args: readonly string[] = []) {
  const program = join(dir, 'program.mjs');
  await writeFile(program, source);
  return runMeasured(program, { args, env: { PATH: process.env.PATH } }, stack);
}

describe('runMeasured', () => {
  it('tells how a program ended, what it said and what it held', async () => {
    const { code, output, seconds, usage } = await run(
      `const held = Buffer.alloc(100_000_000, 1);
       setTimeout(() => { console.log(process.argv[2], held.length); process.exit(3); }, 500);`,
      ['holds'],
    );
    expect({ code, output }).toEqual({ code: 3, output: 'holds 100000000\n' });
    expect(seconds).toBeGreaterThan(0.4);
    expect(usage.peakBytes).toBeGreaterThan(100_000_000);
  });

  it('hears of an end that comes before the first look', async () => {
    expect((await run('process.exit(0)')).code).toBe(0);
  });
});
