import { describe, expect, it } from '@jest/globals';
import { correctedTime, parseInstant } from './timestamps.js';

const at = Date.parse('2026-01-02T03:04:05.678Z');

describe('parseInstant', () => {
  it.each([
    ['2026-01-02T03:04:05.678Z', at],
    ['2026-01-02T03:04:05.678123456Z', at],
    ['2026-01-02T04:04:05.678+01:00', at],
    ['2026-01-02T04:04:05.678+0100', at],
    ['2026-01-02 03:04:05.678', at],
    ['2026-01-02t03:04:05,678z', at],
    ['2026-01-02', Date.parse('2026-01-02T00:00:00Z')],
    [at, at],
    [at + 0.5, at],
  ])('reads %s', (value, expected) => {
    expect(parseInstant(value)).toBe(expected);
  });

  it.each([
    'yesterday',
    '',
    '1767323045',
    'Fri, 02 Jan 2026',
    '2026-13-01',
    '1969-12-31T23:59:59Z',
    '9999-12-31T23:59:59-01:00',
    1_767_323_045,
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
  it("takes the client's clock out: what matters is how long before sending it happened", () => {
    const wrongBy = 3_600_000;
    expect(correctedTime(at, at - wrongBy - 500, at - wrongBy)).toBe(at - 500);
    expect(correctedTime(at, at + wrongBy - 500, at + wrongBy)).toBe(at - 500);
  });

  it('corrects nothing when it is not said when the call was sent', () => {
    expect(correctedTime(at, at - 500, undefined)).toBe(at - 500);
  });

  it('takes the moment of receiving when it is not said when it happened', () => {
    expect(correctedTime(at, undefined, at - 10_000)).toBe(at);
  });

  it('lets nothing happen after it was received', () => {
    expect(correctedTime(at, at + 1, undefined)).toBe(at);
    expect(correctedTime(at, at + 1, at)).toBe(at);
  });
});
