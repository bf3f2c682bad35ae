import { describe, expect, it } from '@jest/globals';
import { parseQuery } from './parse-query.js';
import { warningsOf } from './warnings.js';

function codesOf(query: string) {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return warningsOf(parsed.value).map(({ code, condition }) => [code, condition]);
}

const orders = "event('Order Completed').count()";

describe('warningsOf', () => {
  it('says of conditions of absence that those who did it before are in', () => {
    expect(codesOf(`trait('plan') = 'pro' AND ${orders} = 0`)).toEqual([
      ['absence_is_not_known', `${orders} = 0`],
    ]);
    expect(codesOf(`${orders} < 3`)).toEqual([['absence_is_not_known', `${orders} < 3`]]);
    expect(codesOf(`NOT (${orders} >= 1)`)).toEqual([['absence_is_not_known', `${orders} >= 1`]]);
    expect(codesOf(`NOT (NOT (event(*).within(14 days).count() <= 1))`)).toEqual([
      ['absence_is_not_known', 'event(*).within(14 days).count() <= 1'],
    ]);
  });

  it('says of others that they count from now on', () => {
    expect(codesOf(`${orders} >= 1 OR ${orders} >= 1`)).toEqual([
      ['events_before_are_not_counted', `${orders} >= 1`],
    ]);
    expect(codesOf(`NOT (${orders} = 0)`)).toEqual([['events_before_are_not_counted', `${orders} = 0`]]);
  });

  it('says of comparisons that are the same for every count', () => {
    expect(codesOf(`${orders} >= 0`)).toEqual([['always_true', `${orders} >= 0`]]);
    expect(codesOf(`${orders} < 0`)).toEqual([['never_true', `${orders} < 0`]]);
    expect(codesOf(`${orders} <= 0`)).toEqual([['absence_is_not_known', `${orders} <= 0`]]);
  });

  it('says nothing of traits, of which the past is known', () => {
    expect(codesOf("NOT (trait('plan') = 'pro')")).toEqual([]);
  });
});
