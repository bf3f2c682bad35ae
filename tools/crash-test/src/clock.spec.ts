import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLOCK = new URL('../clock.mjs', import.meta.url).href;
/** Tells how far the wall clock is from the monotonic one, again and again, by both ways of asking for it. */
const SERVICE = `setInterval(() => {
  const true_ = performance.timeOrigin + performance.now();
  const far = (time) => Math.round((time - true_) / 1000);
  console.log([far(Date.now()), far(new Date().getTime()), new Date(5).getTime(), new Date() instanceof Date].join(' '));
}, 20);`;

let dir: string;
let service: ChildProcess | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clock-'));
});

afterEach(async () => {
  service?.kill('SIGKILL');
  await rm(dir, { recursive: true });
});

describe('the clock of a service', () => {
  it('is wrong by what its file says, and steps when that changes', async () => {
    const program = join(dir, 'thing/dist/main.mjs');
    await mkdir(join(dir, 'thing/dist'), { recursive: true });
    await writeFile(program, SERVICE);
    const env = { ...process.env, NODE_OPTIONS: '', CRASH_TEST_CLOCKS: dir };
    const started = spawn(process.execPath, ['--import', CLOCK, program], { env });
    service = started;
    let last = '';
    started.stdout.on('data', (data: Buffer) => {
      last = data.toString().trim().split('\n').at(-1) ?? '';
    });
    await eventually(() => last === '0 0 5 true');
    await rm(join(dir, 'thing'), { recursive: true });
    await writeFile(join(dir, 'thing'), '-5000');
    await eventually(() => last === '-5 -5 5 true');
    await writeFile(join(dir, 'thing'), '0');
    await eventually(() => last === '0 0 5 true');
  });
});
