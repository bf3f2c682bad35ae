import { describe, expect, it, jest } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const underTest = new PlatformUnderTest();

interface Listed {
  readonly data: readonly { readonly id: string; readonly reasons: readonly { readonly code: string }[] }[];
}

const listed = async (query: string) =>
  (await underTest.client.ask('GET', `/v1/rejected?${query}`)) as Listed;
const replay = (body: object) => underTest.client.ask('POST', '/v1/rejected/replay', body);
const eventsOf = async (userId: string) =>
  (await underTest.read(TOPICS.events, 'event@1')).filter((event) => event.userId === userId);

describe('calls that were rejected', () => {
  it('are listed, mended in a trial, replayed once, and in the profile at their time', async () => {
    const batch = [
      { type: 'identify', user: 'rita', traits: { plan: 'pro' } },
      { type: 'track', user: 'rita', event: 'Order Completed', properties: { total: '150' } },
    ];
    expect((await underTest.client.post('/v1/batch', JSON.stringify({ batch }))).status).toBe(400);
    const { data } = await eventually(() => listed('code=no_identifier'), {
      until: (found) => found.data.length === 2,
      withinMs: 30_000,
      what: 'two rejected calls',
    });

    const mended = {
      filter: { code: 'no_identifier' },
      mapping: [
        { op: 'rename', from: 'user', to: 'userId' },
        { op: 'cast', path: 'properties.total', to: 'number' },
      ],
    };
    expect(await replay({ ...mended, dryRun: true })).toMatchObject({
      dryRun: true,
      passed: 2,
      samples: [{ calls: [{ before: batch[0], after: { userId: 'rita' } }] }, {}],
    });
    expect(await eventsOf('rita')).toEqual([]);

    expect(await replay(mended)).toMatchObject({ passed: 2, failed: 0, cursor: { hasMore: false } });
    const profile = await underTest.profile('user_id:rita', ({ eventCount }) => eventCount === 2);
    expect(profile.traits).toEqual({ plan: 'pro' });
    const events = await eventsOf('rita');
    expect(events.map(({ properties }) => properties?.total)).toEqual([undefined, 150]);
    expect(events.every(({ receivedAt, timestamp }) => receivedAt === timestamp)).toBe(true);

    await eventually(async () => (await listed('state=replayed')).data.length === 2);
    const ids = data.map(({ id }) => id);
    expect(await replay({ ids })).toMatchObject({ records: 0, skipped: ids });
    expect(await eventsOf('rita')).toHaveLength(2);
  });
});
