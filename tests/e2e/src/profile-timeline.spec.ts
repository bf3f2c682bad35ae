import { describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const underTest = new PlatformUnderTest();

interface Events {
  readonly data: readonly {
    readonly message_id: string;
    readonly event?: string;
    readonly properties: object;
  }[];
  readonly cursor: { readonly next: string; readonly has_more: boolean };
}

const read = async (path: string) => {
  const response = await underTest.client.api(path);
  return { status: response.status, body: await response.json() };
};
const segment = (id: string, part: string) =>
  read(`/v1/spaces/default/collections/users/profiles/${encodeURIComponent(id)}/${part}`);

describe('what is read of a person who was two', () => {
  it('is what both did and said, by either identifier', async () => {
    await underTest.client.putAudience('buyers', "event('Order Completed').count() >= 1");
    const calls = [
      { type: 'track', event: 'Product Viewed', anonymousId: 'phone', messageId: 'm1' },
      { type: 'identify', userId: 'pia', anonymousId: 'phone', messageId: 'm2', traits: { plan: 'pro' } },
      { type: 'group', userId: 'pia', groupId: 'acme', messageId: 'm3' },
      { type: 'track', event: 'Order Completed', userId: 'pia', messageId: 'm4', properties: { total: 5 } },
    ].map((call, second) => ({ ...call, timestamp: new Date(Date.now() - 60_000 + second * 1_000) }));
    for (const call of calls) {
      const sent = await underTest.client.post(`/v1/${call.type}`, JSON.stringify(call));
      expect(sent.status).toBe(200);
    }
    const whole = async () =>
      ((await segment('anonymous_id:phone', 'events')).body as Partial<Events>).data ?? [];
    const data = await eventually(whole, { until: (seen) => seen.length === 4, withinMs: 60_000 });
    expect(data.map(({ message_id }) => message_id)).toEqual(['m4', 'm3', 'm2', 'm1']);
    expect(data[0]).toMatchObject({ event: 'Order Completed', properties: { total: 5 } });
    const first = (await segment('user_id:pia', 'events?limit=3')).body as Events;
    expect(first.cursor.has_more).toBe(true);
    const rest = (await segment('user_id:pia', `events?limit=3&next=${first.cursor.next}`)).body as Events;
    expect([...first.data, ...rest.data]).toEqual(data);
    expect((await segment('anonymous_id:phone', 'traits')).body).toMatchObject({ traits: { plan: 'pro' } });
    expect((await segment('user_id:pia', 'links')).body).toMatchObject({
      data: [{ external_ids: [{ id: 'acme' }] }],
    });
    expect((await segment('user_id:pia', 'metadata')).body).toMatchObject({
      metadata: { first_message_id: 'm1', last_message_id: 'm4' },
    });
  });

  it('is which audiences the person is in, and why', async () => {
    const { profileId } = await underTest.profile('user_id:pia', ({ eventCount }) => eventCount === 4);
    const audiences = await eventually(() => read(`/v1/profiles/${profileId}/audiences`), {
      until: ({ body }) => (body as { readonly data: readonly object[] }).data.length > 0,
      withinMs: 60_000,
    });
    expect(audiences.body).toMatchObject({ data: [{ audience: 'buyers', causedBy: 'm4' }] });
    expect((await segment('user_id:pia', 'traits?class=audience')).body).toMatchObject({
      traits: { buyers: true },
    });
    const timeline = await read(`/v1/profiles/${profileId}/events?limit=1`);
    expect(timeline.body).toMatchObject({ data: [{ messageId: 'm4' }], cursor: { hasMore: true } });
  });
});
