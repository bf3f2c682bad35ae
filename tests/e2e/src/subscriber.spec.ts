import { describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ownFolder } from '@tributary/harness';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(180_000);

const example = (name: string) => fileURLToPath(new URL(`../../../docs/examples/${name}`, import.meta.url));

/** What an example prints. */
async function printed(name: string, ...given: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [example(name), ...given, '--once'], {
    env: { ...process.env, KAFKA_BROKERS: underTest.platform.brokers, NODE_OPTIONS: '' },
  });
  return stdout;
}

const underTest = new PlatformUnderTest();

describe('the example of a subscriber', () => {
  it('names the members that the api names, and nobody who has left', async () => {
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

    expect(await printed('members.mjs', 'pro')).toBe(`member ${ann.profileId}\n`);
  });

  it('prints each change once, also when it is started again', async () => {
    await using stack = new AsyncDisposableStack();
    const file = join(ownFolder(stack), 'places.json');
    const first = await printed('changes.mjs', file);
    expect(first.match(/^(entered|exited) pro /gm)).toHaveLength(3);
    expect(await printed('changes.mjs', file)).toBe('');
    await underTest.client.send({ type: 'identify', userId: 'cleo', traits: { plan: 'pro' } });
    await underTest.changesOf('pro', 4);
    expect(await printed('changes.mjs', file)).toMatch(/^entered pro .+\n$/);
  });
});
