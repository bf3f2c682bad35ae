import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uniqueName } from '@tributary/testing';
import { flagsOf, runningCollector } from '../test/running-collector.fixture.js';

let collector: Awaited<ReturnType<typeof runningCollector>>;
beforeAll(async () => {
  collector = await runningCollector();
});
afterAll(async () => {
  await collector.stop();
});

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const track = { type: 'track', event: 'Bought', userId: 'ann' };

describe('the order in which calls are received', () => {
  /** Places, in the order of these ids, by receivedAt and sequence. */
  const places = async (ids: readonly string[]) => {
    const events = await Promise.all(ids.map((id) => collector.event(id)));
    return events.map(({ receivedAt, sequence = -1 }) => [receivedAt, sequence] as const);
  };
  const isRising = (all: readonly (readonly [string, number])[]) =>
    all.every(([at, n], i) => {
      const [atBefore, before] = all[i - 1] ?? ['', -1];
      return at > atBefore || (at === atBefore && n > before);
    });

  it('is in each event: of a batch, whether its calls are plain or not, and of request after request', async () => {
    const prefix = uniqueName('order');
    const ids = Array.from({ length: 40 }, (_, i) => `${prefix}-${i}`);
    const calls = ids.map((messageId, i) => ({
      ...track,
      messageId,
      ...(i % 3 === 0 ? { userId: 1_000 + i } : {}),
    }));
    for (let from = 0; from < calls.length; from += 8)
      expect((await collector.post('/v1/batch', { batch: calls.slice(from, from + 8) })).status).toBe(200);
    expect(isRising(await places(ids))).toBe(true);
  });

  it('is that of the lines of a file', async () => {
    const prefix = uniqueName('line');
    const ids = Array.from({ length: 1_200 }, (_, i) => `${prefix}-${i}`);
    const lines = ids.map((messageId) => JSON.stringify({ ...track, messageId }));
    const answer = await collector.post('/v1/import', lines.join('\n'), {
      'content-type': 'application/x-ndjson',
    });
    expect(answer).toMatchObject({ status: 200, body: { accepted: ids.length } });
    expect(isRising(await places(ids))).toBe(true);
  });
});

describe('the time of a call', () => {
  it('stays as it was given where sentAt and receipt are near: calls keep their order, whenever they arrive', async () => {
    const [early, late] = [ago(40_000), ago(5_000)];
    const second = await collector.become({ ...track, timestamp: late, sentAt: ago(0) });
    const first = await collector.become({ ...track, timestamp: early, sentAt: ago(39_000) });
    expect([first.timestamp, second.timestamp]).toEqual([early, late]);
    expect([...flagsOf(first), ...flagsOf(second)]).toEqual([]);
  });

  it('stays as it was given for what happened long ago', async () => {
    const timestamp = '2020-02-29T12:00:00.000Z';
    const event = await collector.become({ ...track, timestamp, sentAt: ago(2_500) });
    expect(event.timestamp).toBe(timestamp);
  });

  it('is corrected for a clock that is wrong, and says so', async () => {
    const sentAt = ago(3_600_000);
    const timestamp = new Date(Date.parse(sentAt) - 1_500).toISOString();
    const event = await collector.become({ ...track, timestamp, sentAt });
    expect(Date.parse(event.receivedAt) - Date.parse(event.timestamp)).toBe(1_500);
    expect(event).toMatchObject({ originalTimestamp: timestamp, sentAt });
    expect(flagsOf(event)).toEqual(['clock_corrected timestamp']);
  });

  it('is not corrected by a sentAt of the year 9999, which is flagged', async () => {
    const timestamp = ago(5_000);
    const event = await collector.become({ ...track, timestamp, sentAt: '9999-12-31T23:59:59.000Z' });
    expect(event.timestamp).toBe(timestamp);
    expect(flagsOf(event)).toEqual(['implausible_sent_at sentAt']);
  });

  it('is that of the receipt where it is later, flagged beyond what clocks may differ', async () => {
    const event = await collector.become({ ...track, timestamp: ago(-3_600_000), sentAt: ago(0) });
    expect(event.timestamp).toBe(event.receivedAt);
    expect(flagsOf(event)).toEqual(['time_in_future timestamp']);
  });

  it('is never corrected in an import', async () => {
    const messageId = uniqueName('imported');
    const call = {
      ...track,
      messageId,
      timestamp: '2020-01-01T00:00:00.000Z',
      sentAt: '2020-01-01T00:00:09.000Z',
    };
    await collector.post('/v1/import', JSON.stringify(call), { 'content-type': 'application/x-ndjson' });
    const event = await collector.event(messageId);
    expect(event.timestamp).toBe(call.timestamp);
    expect(flagsOf(event)).toEqual([]);
  });

  it('is refused where there is no such day or hour', async () => {
    const times = [
      '2026-02-30T00:00:00Z',
      '2026-02-30T00:00:00.000Z',
      '2026-01-02T25:00:00Z',
      '2026-01-02T03:04:61Z',
    ];
    const { status, body } = await collector.post('/v1/batch', {
      batch: times.map((timestamp) => ({ ...track, timestamp })),
    });
    expect(status).toBe(400);
    expect((body.rejected as readonly object[]).map((one) => ({ ...one, message: '' }))).toEqual(
      times.map((_, index) => ({ index, code: 'invalid_timestamp', field: 'timestamp', message: '' })),
    );
  });

  it.each([
    ['2026-01-02 03:04:05 UTC', []],
    ['20260102T030405Z', []],
    ['Fri, 02 Jan 2026 03:04:05 GMT', []],
    ['1767323045000', []],
    [1_767_323_045, ['time_unit_guessed timestamp']],
    ['1767323045', ['time_unit_guessed timestamp']],
    ['1767323045000000', ['time_unit_guessed timestamp']],
  ])('is read of %j', async (timestamp, flags) => {
    const event = await collector.become({ ...track, timestamp });
    expect(event.timestamp).toBe('2026-01-02T03:04:05.000Z');
    expect(flagsOf(event)).toEqual(flags);
  });
});
