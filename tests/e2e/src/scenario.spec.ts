import { createClient } from '@clickhouse/client';
import { describe, expect, it, jest } from '@jest/globals';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { TOPICS } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { gzipSync } from 'node:zlib';
import { Shopper } from './shopper.js';
import { identifiersOf, PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const BIG_SPENDERS =
  "event('Order Completed').where(property('total') >= 100).within(1 minutes).count() >= 2";

const underTest = new PlatformUnderTest();

async function eventsOf(profileId: string): Promise<readonly string[]> {
  const clickhouse = createClient({ url: underTest.platform.clickhouseUrl, database: 'tributary' });
  try {
    const result = await clickhouse.query({
      query:
        'SELECT toString(identifier) AS identifier FROM events_log_by_profile WHERE profile_id = {id:String}',
      query_params: { id: profileId },
      format: 'JSONEachRow',
    });
    return (await result.json<{ identifier: string }>()).map(({ identifier }) => identifier);
  } finally {
    await clickhouse.close();
  }
}

describe('a visitor with two devices', () => {
  it('becomes one profile, enters an audience with the second order, and leaves it when the window passes', async () => {
    await underTest.client.putAudience('big-spenders', BIG_SPENDERS);
    const sdk = underTest.segment();
    const ann = new Shopper('ann', sdk);
    await ann.browses();
    const anonymous = await underTest.profile(
      `anonymous_id:${ann.laptop}`,
      ({ eventCount }) => eventCount === 1,
    );
    await ann.signsUpOnLaptop();
    await ann.logsInOnPhone();
    await underTest.profile(`user_id:${ann.userId}`, ({ eventCount }) => eventCount === 4);
    await ann.orders(120);
    await ann.orders(99);
    await ann.orders(150);

    const profile = await underTest.profile(`user_id:${ann.userId}`, ({ eventCount }) => eventCount === 7);
    expect(identifiersOf(profile)).toEqual(ann.identifiers);
    expect(profile.profileId).toBe(anonymous.profileId);
    expect(profile.traits).toEqual({ email: ann.email, plan: 'free' });
    await eventually(async () => {
      expect(await eventsOf(profile.profileId)).toHaveLength(7);
    });

    const [first = 0, second = 0] = await underTest.orderTimes(ann.userId, 100);
    const [entered] = await underTest.changesOf('big-spenders', 1);
    expect(entered).toMatchObject({
      profileId: profile.profileId,
      change: 'entered',
      cause: 'event',
      at: new Date(second).toISOString(),
    });
    await eventually(async () => {
      expect(await underTest.client.members('big-spenders')).toEqual([profile.profileId]);
    });
    const [, exited] = await underTest.changesOf('big-spenders', 2);
    expect(exited).toMatchObject({
      profileId: profile.profileId,
      change: 'exited',
      cause: 'time',
      at: new Date(first + 60_000).toISOString(),
    });
    await eventually(async () => {
      expect(await underTest.client.members('big-spenders')).toEqual([]);
    });
    const memberships = await underTest.read(TOPICS.memberships, 'membership@1');
    expect(
      memberships.filter(({ audienceKey }) => audienceKey === 'big-spenders').map(({ member }) => member),
    ).toEqual([true, false]);
  });
});

describe('a tablet shared by two users', () => {
  it('belongs to the first and does not make them one person', async () => {
    const sdk = underTest.segment();
    const tablet = 'shared-tablet';
    for (const userId of ['ben', 'cleo']) {
      sdk.identify({ userId, anonymousId: tablet, traits: { email: `${userId}@example.com` } });
      await sdk.flush();
      await underTest.profile(`user_id:${userId}`, ({ eventCount }) => eventCount >= 1);
    }
    const ben = await underTest.profile('user_id:ben', (p) => identifiersOf(p).length === 3);
    const cleo = await underTest.profile('user_id:cleo', (p) => identifiersOf(p).length === 2);
    expect(identifiersOf(ben)).toEqual([`anonymous_id:${tablet}`, 'email:ben@example.com', 'user_id:ben']);
    expect(identifiersOf(cleo)).toEqual(['email:cleo@example.com', 'user_id:cleo']);
    expect(ben.profileId).not.toBe(cleo.profileId);
  });
});

describe('the RudderStack SDK', () => {
  it('is understood: what it sends is in the log and in the profile', async () => {
    const sdk = new RudderAnalytics('dev-write-key', {
      dataPlaneUrl: underTest.platform.services.collector.url,
      flushAt: 1,
    });
    sdk.identify({ userId: 'rudi', anonymousId: 'rudi-phone', traits: { city: 'Graz' } });
    sdk.track({ userId: 'rudi', event: 'Song Played', properties: { seconds: 31 } });
    await sdk.flush();
    const profile = await underTest.profile('user_id:rudi', ({ eventCount }) => eventCount === 2);
    expect(profile.traits).toEqual({ city: 'Graz' });
    const events = await underTest.read(TOPICS.events, 'event@1');
    expect(events.find(({ event }) => event === 'Song Played')).toMatchObject({
      type: 'track',
      userId: 'rudi',
      properties: { seconds: 31 },
      identifiers: ['user_id:rudi'],
    });
  });
});

describe('bad input', () => {
  it('is refused with what was wrong, and takes nothing of the good events beside it', async () => {
    const mixed = await underTest.client.post(
      '/v1/batch',
      JSON.stringify({
        batch: [
          { type: 'track', event: 'Good One', userId: 'dora' },
          { type: 'track', event: 'Nobody Did This' },
          { type: 'track', event: 'Good Two', userId: 'dora' },
        ],
      }),
    );
    expect(mixed.status).toBe(200);
    expect(await mixed.json()).toMatchObject({ success: true, accepted: 2, rejected: [{ index: 1 }] });
    const dora = await underTest.profile('user_id:dora', ({ eventCount }) => eventCount === 2);
    expect(identifiersOf(dora)).toEqual(['user_id:dora']);

    expect((await underTest.client.post('/v1/batch', '{"batch": [')).status).toBe(400);
    expect((await underTest.client.post('/v1/track', '{"event": "Nobody"}')).status).toBe(400);
    const unknown = { Authorization: `Basic ${Buffer.from('nobody:').toString('base64')}` };
    expect(
      (await underTest.client.post('/v1/track', '{"event": "A", "userId": "u"}', { headers: unknown }))
        .status,
    ).toBe(401);
    const zeros = new Uint8Array(gzipSync(Buffer.alloc(5_000_000)));
    expect(
      (await underTest.client.post('/v1/batch', zeros, { headers: { 'Content-Encoding': 'gzip' } })).status,
    ).toBe(413);
  });
});
