import { describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(180_000);

const EXAMPLE = fileURLToPath(new URL('../../../docs/examples/members.mjs', import.meta.url));

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

    const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, 'pro', '--once'], {
      env: { ...process.env, KAFKA_BROKERS: underTest.platform.brokers, NODE_OPTIONS: '' },
    });
    expect(stdout).toBe(`member ${ann.profileId}\n`);
  });
});
