import { describe, expect, it } from '@jest/globals';
import { correctedTime, parseInstant, readInstant } from './timestamps.js';

const at = Date.parse('2026-01-02T03:04:05.678Z');
const second = Date.parse('2026-01-02T03:04:05Z');

describe('parseInstant', () => {
  it.each([
    ['2026-01-02T03:04:05.678Z', at],
    ['2026-01-02T03:04:05.678123456Z', at],
    ['2026-01-02T04:04:05.678+01:00', at],
    ['2026-01-02T04:04:05.678+0100', at],
    ['2026-01-02 03:04:05.678', at],
    ['2026-01-02t03:04:05,678z', at],
    ['2026-01-02', Date.parse('2026-01-02T00:00:00Z')],
    ['2026/01/02 03:04:05.678', at],
    [' 2026-01-02T03:04:05.678Z\n', at],
    ['2026-01-02 03:04:05.678 UTC', at],
    ['2026-01-02 03:04:05.678 +0000', at],
    ['2026-01-02 03:04:05.678 +0000 UTC', at],
    ['20260102T030405.678Z', at],
    ['20260102T040405.678+0100', at],
    ['20260102T0304Z', Date.parse('2026-01-02T03:04:00Z')],
    ['Fri, 02 Jan 2026 03:04:05 GMT', second],
    ['Fri, 2 Jan 2026 04:04:05 +0100', second],
    ['Fri Jan 02 2026 04:04:05 GMT+0100 (Central European Standard Time)', second],
    [at, at],
    [at + 0.5, at],
    [String(at), at],
    ['2024-02-29T00:00:00.000Z', Date.parse('2024-02-29T00:00:00Z')],
    ['2016-12-31T23:59:60Z', Date.parse('2016-12-31T23:59:59.999Z')],
    ['2017-01-01T00:59:60.5+01:00', Date.parse('2016-12-31T23:59:59.999Z')],
    ['2026-01-31T24:00:00Z', Date.parse('2026-02-01T00:00:00Z')],
  ])('reads %s', (value, expected) => {
    expect(readInstant(value)).toEqual({ at: expected, bySize: false });
  });

  it.each([
    [1_767_323_045, second],
    [1_767_323_045.678, at],
    ['1767323045', second],
    ['1767323045.678', at],
    [1_767_323_045_678_901, at],
    ['1767323045678901', at],
    ['1767323045678999999', at],
  ])('tells the unit of %s by its size, and says so', (value, expected) => {
    expect(readInstant(value)).toEqual({ at: expected, bySize: true });
  });

  it.each([
    'yesterday',
    '',
    '12345678',
    '20260102',
    'Fri, 02 Jan 2026',
    'Fri, 30 Feb 2026 03:04:05 GMT',
    '01/02/2026',
    '2026-01/02',
    '2026-02-30T00:00:00Z',
    '2026-02-30T00:00:00.000Z',
    '2025-02-29T00:00:00.000Z',
    '2026-04-31',
    '2026-01-00',
    '2026-00-01T00:00:00.000Z',
    '2026-01-02T25:00:00.000Z',
    '2026-01-02T24:00:01Z',
    '2026-01-02T03:60:00Z',
    '2026-01-02T03:04:61.000Z',
    '2026-01-02T03:04:60Z',
    '2026-01-02T03:04:05+99:00',
    '20260230T000000Z',
    '2026-13-01',
    '1969-12-31T23:59:59Z',
    '9999-12-31T23:59:59-01:00',
    12_345_678,
    -1,
    NaN,
    Infinity,
    1e300,
    null,
    {},
  ])('does not guess what %p means', (value) => {
    expect(parseInstant(value)).toBeUndefined();
  });
});

describe('correctedTime', () => {
  const timeOf = (original: number | undefined, sentAt: number | undefined, toleranceMs?: number) =>
    correctedTime(at, original, sentAt, toleranceMs);
  const asGiven = { corrected: false, disbelieved: false, inFuture: false };
  const corrected = { ...asGiven, corrected: true };

  it('takes a wrong clock out: what matters is how long before sending it happened', () => {
    const wrongBy = 3_600_000;
    expect(timeOf(at - wrongBy - 500, at - wrongBy)).toEqual({ ...corrected, at: at - 500 });
    expect(timeOf(at + wrongBy - 500, at + wrongBy)).toEqual({ ...corrected, at: at - 500 });
  });

  it('leaves a time as it was given where the clock may be right: the difference is the way', () => {
    expect(timeOf(at - 5_000, at - 40)).toEqual({ ...asGiven, at: at - 5_000 });
    expect(timeOf(at - 500_000, at - 60_000)).toEqual({ ...asGiven, at: at - 500_000 });
    expect(timeOf(at - 500_000, at - 60_001)).toEqual({ ...corrected, at: at - 439_999 });
    expect(timeOf(at - 500_000, at - 60_001, 70_000)).toEqual({ ...asGiven, at: at - 500_000 });
    expect(timeOf(at - 500, at - 1, 0)).toEqual({ ...corrected, at: at - 499 });
  });

  it('keeps two events in the order of their times, whichever arrives first', () => {
    const first = timeOf(at - 40_000, at - 39_000);
    expect(first.at).toBeLessThan(timeOf(at - 5_000, at).at);
  });

  it('corrects nothing when it is not said when the call was sent', () => {
    expect(timeOf(at - 500, undefined)).toEqual({ ...asGiven, at: at - 500 });
  });

  it('takes the moment of receiving when it is not said when it happened', () => {
    expect(timeOf(undefined, at - 100_000)).toEqual({ ...asGiven, at });
  });

  it('lets nothing happen after it was received', () => {
    expect(timeOf(at + 1, undefined)).toEqual({ ...asGiven, at });
    expect(timeOf(at + 1, at)).toEqual({ ...asGiven, at });
    expect(timeOf(at + 60_001, at)).toEqual({ ...asGiven, at, inFuture: true });
    expect(timeOf(at - 1, at - 100_000)).toEqual({ ...corrected, at, inFuture: true });
  });

  it('does not believe a sentAt that no clock says, unless all of the call is by that clock', () => {
    const far = Date.parse('9999-12-31T23:59:59Z');
    expect(timeOf(at - 500, far)).toEqual({ ...asGiven, at: at - 500, disbelieved: true });
    expect(timeOf(at - 500, 0)).toEqual({ ...asGiven, at: at - 500, disbelieved: true });
    expect(timeOf(far - 500, far)).toEqual({ ...corrected, at: at - 500 });
    expect(timeOf(100, 600)).toEqual({ ...corrected, at: at - 500 });
  });
});
