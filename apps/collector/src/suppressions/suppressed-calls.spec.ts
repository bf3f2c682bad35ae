import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NDJSON_TYPE, startInMemoryCollector } from '../../test/collector.fixture.js';
import type { Source } from '../sources/source-registry.port.js';

const GONE = ['user_id:gone', 'email:gone@example.com', 'anonymous_id:gone-device', 'crm:c-1'];
const hooks: Source = {
  ...{ workspaceId: 'w', sourceId: 'hooks', enabled: true },
};
let collector: Awaited<ReturnType<typeof startInMemoryCollector>>;

beforeAll(async () => {
  collector = await startInMemoryCollector(
    { hooks },
    { of: (workspace) => (workspace === 'w' ? (all) => all.some((one) => GONE.includes(one)) : undefined) },
  );
});
afterAll(() => collector.service.close());
beforeEach(() => {
  collector.log.records.length = 0;
});

const track = (more: object) => ({ type: 'track', event: 'Seen', ...more });
const batch = (...calls: readonly object[]) => collector.post('/v1/batch', JSON.stringify({ batch: calls }));

describe('a call of somebody who is suppressed', () => {
  it.each([
    ['their user id', { userId: 'gone' }],
    [
      'their address among the traits',
      { userId: 'other', context: { traits: { email: ' Gone@Example.com ' } } },
    ],
    ['their device', { userId: 'other', anonymousId: 'gone-device' }],
    ['an external id', { userId: 'other', context: { externalIds: [{ type: 'crm', id: 'c-1' }] } }],
  ])('is answered as accepted and written nowhere where it has %s', async (_what, who) => {
    const answered = await batch(track(who), track({ userId: 'stays' }));
    expect(answered).toMatchObject({ status: 200, body: { accepted: 2, flags: { suppressed: 1 } } });
    expect(collector.events().map(({ userId }) => userId)).toEqual(['stays']);
    expect(collector.log.records).toHaveLength(1);
  });

  it('is not kept where it is no good either', async () => {
    const answered = await batch(
      { type: 'track', userId: 'gone' },
      { type: 'nonsense', userId: 'x', traits: { email: 'gone@example.com' } },
      { type: 'track', userId: 'stays' },
      track({ userId: 'stays' }),
    );
    expect(answered).toMatchObject({ status: 200, body: { accepted: 3, flags: { suppressed: 2 } } });
    expect(collector.rejected()).toHaveLength(1);
    expect(
      JSON.stringify(collector.rejected().map(({ raw }) => Buffer.from(raw, 'base64').toString())),
    ).not.toContain('gone');
  });

  it('alone in a request is answered with 200, also on its own route', async () => {
    const answered = await collector.post('/v1/track', JSON.stringify({ event: 'Seen', userId: 'gone' }));
    expect(answered).toMatchObject({ status: 200, body: { accepted: 1, flags: { suppressed: 1 } } });
    expect(collector.log.records).toHaveLength(0);
  });

  it('is passed over in a file', async () => {
    const lines = [track({ userId: 'gone' }), track({ userId: 'stays' })].map((line) => JSON.stringify(line));
    const answered = await collector.post('/v1/import', lines.join('\n'), NDJSON_TYPE);
    expect(answered).toMatchObject({ status: 200, body: { accepted: 2, flags: { suppressed: 1 } } });
    expect(collector.events().map(({ userId }) => userId)).toEqual(['stays']);
  });

  it('is passed over where what was rejected is replayed', async () => {
    const raw = Buffer.from(JSON.stringify({ type: 'track', userId: 'gone' })).toString('base64');
    const rejected = {
      ...{
        workspaceId: 'w',
        sourceId: 'default',
        receivedAt: '2026-01-02T03:04:05.678Z',
        route: '/v1/batch',
      },
      ...{
        raw,
        rawIs: 'call' as const,
        reasons: [{ code: 'missing_event' as const, field: 'event', message: '' }],
      },
    };
    const answer = await collector.replay().again({
      records: [{ partition: 0, offset: 0, rejected }],
      mapping: { calls: [{ op: 'set', path: 'event', value: 'Seen' }] },
      dryRun: false,
      samples: 0,
    });
    expect(answer).toMatchObject({ ok: true, value: { outcomes: [{ accepted: 1 }] } });
    expect(collector.events()).toHaveLength(0);
  });

  it('is counted', async () => {
    await batch(track({ userId: 'gone' }));
    expect(await collector.metrics()).toMatch(/tributary_collector_events_suppressed_total\{[^}]*\} [1-9]/);
  });
});
