import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { prepareKafka } from '@tributary/embedded-kafka';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ownFolder } from '@tributary/harness';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(180_000);

const example = (name: string) => fileURLToPath(new URL(`../../../docs/examples/${name}`, import.meta.url));
let jars: string;
beforeAll(async () => {
  jars = await prepareKafka();
});

/** What a program prints. */
async function printed(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args, '--once'], {
    env: { ...process.env, KAFKA_BROKERS: underTest.platform.brokers, NODE_OPTIONS: '' },
  });
  return stdout;
}

/** How each example that prints changes is run, by the file in which it keeps how far it is. */
const EXAMPLES: Readonly<Record<string, (file: string) => Promise<string>>> = {
  'changes.mjs': (file) => printed(process.execPath, [example('changes.mjs'), file]),
  'client.mjs': (file) => printed(process.execPath, [example('client.mjs'), 'pro', file]),
  'Changes.java': (file) => printed('java', ['-cp', join(jars, '*'), example('Changes.java'), file]),
};

const underTest = new PlatformUnderTest();

describe('the examples of a subscriber', () => {
  it('name the members that the api names, and nobody who has left', async () => {
    await underTest.client.putAudience('pro', "trait('plan') = 'pro'");
    const identify = (userId: string, plan: string) =>
      underTest.client.send({ type: 'identify', userId, traits: { plan } });
    await identify('ann', 'pro');
    await identify('ben', 'pro');
    await identify('cleo', 'free');
    await underTest.changesOf('pro', 2);
    await identify('ben', 'free');
    await underTest.changesOf('pro', 3);
    const ann = await underTest.profile('user_id:ann', ({ traits }) => traits.plan === 'pro');

    const members = await printed(process.execPath, [example('members.mjs'), 'pro']);
    expect(members).toBe(`member ${ann.profileId}\n`);
  });

  it('print each change once, also when they are started again, whichever of them goes on', async () => {
    await using stack = new AsyncDisposableStack();
    const folder = ownFolder(stack);
    const fileOf = (name: string) => join(folder, `${name}.json`);
    for (const [name, run] of Object.entries(EXAMPLES)) {
      const first = await run(fileOf(name));
      expect([name, first.match(/^(entered|exited) pro /gm)?.length]).toEqual([name, 3]);
      expect([name, await run(fileOf(name))]).toEqual([name, '']);
    }
    await underTest.client.send({ type: 'identify', userId: 'cleo', traits: { plan: 'pro' } });
    await underTest.changesOf('pro', 4);
    const names = Object.keys(EXAMPLES);
    for (const [i, name] of names.entries()) {
      // They keep the same file: one goes on where another ended.
      const file = fileOf(names[(i + 1) % names.length] ?? name);
      expect([name, await EXAMPLES[name]?.(file)]).toEqual([
        name,
        expect.stringMatching(/^entered pro .+\n$/),
      ]);
    }
  });

  it('are what the page shows', async () => {
    const page = await readFile(new URL('../../../docs/subscribing.md', import.meta.url), 'utf8');
    for (const name of [...Object.keys(EXAMPLES), 'members.mjs', 'changes.py'])
      expect(page).toContain(`(examples/${name})`);
  });
});
