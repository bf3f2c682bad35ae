import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '../../test/running-api.fixture.js';

const api = new RunningApi();
const PROFILE = '0b9fa1b1-4bb5-5e36-9df8-1ba8b4a0d1a1';
const FORMER = '0b9fa1b1-4bb5-5e36-9df8-1ba8b4a0d1a2';
const AT = '2026-01-02T03:04:05.678Z';
const PROFILE_BYTES = 3_000_000;

beforeAll(async () => {
  await api.start();
  const profile = { profileId: PROFILE, at: AT, traits: { name: 'Ann' } };
  await api.insert('latest_profiles', [
    { profile_id: PROFILE, profile: JSON.stringify(profile) },
    { profile_id: FORMER, merged_into: PROFILE, profile: '{}' },
    ...['x', 'y', 'z'].map((id) => ({
      profile_id: id,
      profile: JSON.stringify({ profileId: id, at: AT, traits: { text: id.repeat(PROFILE_BYTES) } }),
    })),
  ]);
  await api.insert('identity_assignments', [
    { identifier: 'user_id:ann', profile_id: PROFILE, version: 1 },
    ...['x', 'y', 'z'].map((id) => ({ identifier: `user_id:${id}`, profile_id: id, version: 1 })),
  ]);
  const event = (second: number, message_id: string) => ({
    ...{ identifier: 'user_id:ann', message_id, type: 'track', event: 'Bought', source_id: 'web' },
    ...{ timestamp: `2026-01-02T03:04:0${second}.000Z`, received_at: AT, identifiers: ['user_id:ann'] },
    ...{ properties: '{"price":5}', traits: '{}', context: '{}' },
  });
  await api.insert('events_log', [event(1, 'm1'), event(2, 'm2'), event(2, 'm3'), event(4, 'm4')]);
  await api.insert('audience_memberships', [
    ...[1, 3].map((version) => ({
      ...{ audience_key: 'vip', profile_id: PROFILE, member: true, version, caused_by: `m${version}` },
      ...{ since: AT, cause: 'event' },
    })),
    { audience_key: 'gone', profile_id: PROFILE, member: true, since: AT, version: 1 },
    { audience_key: 'gone', profile_id: PROFILE, member: false, since: AT, version: 2 },
  ]);
}, 60_000);
afterAll(() => api.stop());

interface Page {
  readonly data: readonly { readonly messageId: string }[];
  readonly cursor: { readonly next: string | null; readonly hasMore: boolean };
}

describe('a profile that no process answers for', () => {
  it('is as the tables have it, and says how old that may be', async () => {
    const { status, headers, body } = await api.ask('GET', `/v1/profiles/${PROFILE}`);
    expect([status, body]).toEqual([200, { profileId: PROFILE, at: AT, traits: { name: 'Ann' }, asOf: AT }]);
    expect(headers.get('x-data-source')).toBe('tables');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(Number(headers.get('age'))).toBeGreaterThan(0);
  });
});

describe('the events of a profile', () => {
  it('come newest first, in pages, those of a profile that was merged too', async () => {
    for (const id of [PROFILE, FORMER]) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const { status, body } = await api.ask('GET', `/v1/profiles/${id}/events?limit=2${cursor}`);
        expect(status).toBe(200);
        const page = body as Page;
        seen.push(...page.data.map(({ messageId }) => messageId));
        cursor = page.cursor.next === null ? '' : `&cursor=${page.cursor.next}`;
      } while (cursor !== '');
      expect(seen).toEqual(['m4', 'm3', 'm2', 'm1']);
    }
  });

  it('are as they were sent', async () => {
    const { body } = await api.ask('GET', `/v1/profiles/${PROFILE}/events?limit=1`);
    expect((body as Page).data).toEqual([
      {
        ...{ messageId: 'm4', type: 'track', event: 'Bought', sourceId: 'web', identifiers: ['user_id:ann'] },
        ...{ timestamp: '2026-01-02T03:04:04.000Z', receivedAt: AT },
        ...{ properties: { price: 5 }, traits: {}, context: {} },
      },
    ]);
  });

  it('are those of a time', async () => {
    const range = 'start=2026-01-02T03:04:02Z&end=2026-01-02T03:04:04Z';
    const { body } = await api.ask('GET', `/v1/profiles/${PROFILE}/events?${range}`);
    expect((body as Page).data.map(({ messageId }) => messageId)).toEqual(['m3', 'm2']);
  });

  it('are refused where the cursor is of another list, and are not there where the profile is not', async () => {
    const first = (await api.ask('GET', `/v1/profiles/${PROFILE}/events?limit=1`)).body as Page;
    const wrong = `/v1/profiles/${PROFILE}/events?start=2026-01-02&cursor=${String(first.cursor.next)}`;
    expect((await api.ask('GET', wrong)).status).toBe(400);
    const nobody = '0b9fa1b1-4bb5-5e36-9df8-1ba8b4a0d1a9';
    expect((await api.ask('GET', `/v1/profiles/${nobody}/events`)).status).toBe(404);
    expect((await api.ask('GET', `/v1/profiles/${nobody}/audiences`)).status).toBe(404);
  });
});

describe('the audiences of a profile', () => {
  it('are those that it is in now, since when and why', async () => {
    const { body } = await api.ask('GET', `/v1/profiles/${FORMER}/audiences`);
    expect(body).toEqual({ data: [{ audience: 'vip', since: AT, cause: 'event', causedBy: 'm3' }] });
  });
});

describe('a batch', () => {
  const batch = (identifiers: unknown) => api.ask('POST', '/v1/profiles/batch', { identifiers });

  it('answers each identifier with its profile or its error', async () => {
    const { status, body } = await batch(['user_id:ann', 'user_id:no"body', 'ann']);
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [
        { identifier: 'user_id:ann', profile: expect.objectContaining({ profileId: PROFILE, asOf: AT }) },
        {
          identifier: 'user_id:no"body',
          error: expect.objectContaining({ code: 'profile_not_found' }),
        },
        { identifier: 'ann', error: expect.objectContaining({ code: 'invalid_request' }) },
      ],
    });
  });

  it('is not larger than it may be: the last ones are to be asked for again', async () => {
    const { body } = await batch(['user_id:x', 'user_id:y', 'user_id:z', 'user_id:ann']);
    const { data } = body as { readonly data: readonly { readonly error?: { readonly code: string } }[] };
    expect(data.map(({ error }) => error?.code)).toEqual([
      undefined,
      undefined,
      'payload_too_large',
      'payload_too_large',
    ]);
  });

  it('takes 1 to 100 identifiers', async () => {
    for (const wrong of [[], Array.from({ length: 101 }, (_, i) => `user_id:${i}`), 'user_id:ann', [1]])
      expect((await batch(wrong)).status).toBe(400);
    expect((await batch(Array.from({ length: 100 }, (_, i) => `user_id:${i}`))).status).toBe(200);
  });
});
