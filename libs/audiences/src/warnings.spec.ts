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
  it('says of comparisons that are the same for every count', () => {
    expect(codesOf(`${orders} >= 0`)).toEqual([['always_true', `${orders} >= 0`]]);
    expect(codesOf(`${orders} < 0`)).toEqual([['never_true', `${orders} < 0`]]);
    expect(codesOf(`NOT (${orders} >= 0) OR ${orders} >= 0`)).toEqual([['always_true', `${orders} >= 0`]]);
  });

  it('says so of counts that are values, too', () => {
    const different = "event('A').unique(property('x')).count()";
    expect(codesOf(`${different} >= 0`)).toEqual([['always_true', `${different} >= 0`]]);
    const between = "event('A').between(1 day, 7 days).count()";
    expect(codesOf(`${between} < 0`)).toEqual([['never_true', `${between} < 0`]]);
    expect(codesOf(`${between} > 500 OR event('A').sum(property('x')) >= 0`)).toEqual([]);
  });

  it('says nothing of what is true of some, absence too', () => {
    expect(codesOf("NOT (trait('plan') = 'pro')")).toEqual([]);
    expect(codesOf(`${orders} <= 0 AND NOT (${orders} >= 3)`)).toEqual([]);
  });
});
