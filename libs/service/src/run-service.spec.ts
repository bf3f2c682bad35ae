import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** A service of nothing, run from the build as every service is. */
const SOURCE = `
  import { Module } from '@nestjs/common';
  import { pbkdf2 } from 'node:crypto';
  import { runService } from '@tributary/service';
  import Type from 'typebox';
  class ThingModule {}
  Module({})(ThingModule);
  process.on('message', async (message) => {
    if (message === 'break while a thread is busy') {
      pbkdf2('', '', 2 ** 31 - 1, 64, 'sha512', () => undefined);
      await new Promise(setImmediate);
    }
    throw new Error('out of order', { cause: new Error('worn out') });
  });
  await runService({
    name: 'thing',
    settings: Type.Object({ THING_PORT: Type.Integer({ default: 0, description: 'port' }) }),
    module: () => ThingModule,
    listen: { port: (config) => config.THING_PORT },
  });
`;
const directory = fileURLToPath(new URL('..', import.meta.url));
const minimal = { KAFKA_BROKERS: '127.0.0.1:1', CLICKHOUSE_URL: 'http://127.0.0.1:1' };

const started = new Set<ChildProcess>();

afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});

function run(environment: Record<string, string>, ...options: readonly string[]) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SOURCE, '--', ...options], {
    cwd: directory,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  started.add(child);
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string);
  return { child, ended, output: text(child.stdout!), errors: text(child.stderr!) };
}

async function ready(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, 'message')) as [unknown];
  return message;
}

describe('runService', () => {
  it('names all wrong settings and ends with the code of wrong settings', async () => {
    const { ended, errors } = run({ KAFKA_BROKERS: 'kafka', THING_PORT: 'x' });
    expect(await ended).toBe(78);
    expect((await errors).trim().split('\n')).toEqual([
      expect.stringMatching(/^thing: KAFKA_BROKERS /),
      expect.stringMatching(/^thing: CLICKHOUSE_URL is not set/),
      expect.stringMatching(/^thing: THING_PORT /),
    ]);
  });

  it('ends with the code of wrong settings where a file that one names cannot be read', async () => {
    const { ended, errors } = run({ ...minimal, KAFKA_TLS: 'true', KAFKA_TLS_CA: '/nowhere/ca.pem' });
    expect(await ended).toBe(78);
    expect(await errors).toBe('thing: KAFKA_TLS_CA is "/nowhere/ca.pem", which cannot be read (ENOENT)\n');
  });

  it('only checks the settings when it is to validate', async () => {
    const { ended, output } = run(minimal, '--validate');
    expect(await ended).toBe(0);
    expect(await output).toBe('thing: the settings are valid\n');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'tells its parent that it is ready, and drains on %s',
    async (signal) => {
      const { child, ended } = run(minimal);
      expect(await ready(child)).toEqual({
        type: 'ready',
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      });
      child.kill(signal);
      expect(await ended).toBe(0);
    },
  );

  it("drains at its parent's end", async () => {
    const { child, ended } = run(minimal);
    await ready(child);
    child.disconnect();
    expect(await ended).toBe(0);
  });

  it('drains when its parent has ended before it was ready', async () => {
    const { child, ended } = run(minimal);
    child.disconnect();
    expect(await ended).toBe(0);
  });

  it.each(['break', 'break while a thread is busy'])(
    'ends on what nobody handled, at once, and says why with the cause (%s)',
    async (message) => {
      const { child, ended, output } = run(minimal);
      await ready(child);
      child.send(message);
      expect(await ended).toBe(70);
      expect(await output).toMatch(/"level":60.*out of order.*worn out.*process ends/);
    },
  );
});
