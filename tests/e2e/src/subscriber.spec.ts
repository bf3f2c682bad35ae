import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Town } from './town.js';

jest.setTimeout(180_000);

const EXAMPLE = fileURLToPath(new URL('../../../docs/examples/members.mjs', import.meta.url));

let town: Town;
beforeAll(async () => {
  town = await Town.build();
});
afterAll(async () => {
  await town.demolish();
});

describe('the example of a subscriber', () => {
  it('names the members that the api names, and nobody who has left', async () => {
    await town.putAudience('pro', "trait('plan') = 'pro'");
    const identify = async (userId: string, plan: string) => {
      const call = { type: 'identify', userId, traits: { plan } };
      expect((await town.post('/v1/batch', JSON.stringify({ batch: [call] }))).status).toBe(200);
    };
    await identify('ann', 'pro');
    await identify('ben', 'pro');
    await identify('cleo', 'free');
    await town.changesOf('pro', 2);
    await identify('ben', 'free');
    await town.changesOf('pro', 3);
    const ann = await town.profile('user_id:ann', ({ traits }) => traits.plan === 'pro');

    const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, 'pro', '--once'], {
      env: { ...process.env, KAFKA_BROKERS: town.platform.brokers, NODE_OPTIONS: '' },
    });
    expect(stdout).toBe(`member ${ann.profileId}\n`);
  });
});
