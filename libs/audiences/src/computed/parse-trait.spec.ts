import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { traitArbitrary } from '../../test/trait.arbitrary.js';
import { parseComputedTrait } from '../parse-query.js';
import { aggregatesOfTrait } from './trait-aggregate.js';
import { printComputedTrait } from './print-trait.js';

const read = (text: string) => {
  const parsed = parseComputedTrait(text);
  return parsed.ok ? printComputedTrait(parsed.value) : parsed.error.message;
};

describe('the text of a computed trait', () => {
  it('is printed as it reads back', () => {
    fc.assert(
      fc.property(traitArbitrary, (trait) => {
        expect(parseComputedTrait(printComputedTrait(trait))).toEqual({ ok: true, value: trait });
      }),
    );
  });

  it.each([
    "event('Shoes Bought').within(30 days).avg(property('spend'))",
    "event('Shoes Bought').where(property('price') > 100 AND property('brand') = 'My Brand').min(property('spend'))",
    "event('Shoes Bought').within(30 days).mode(property('spend'), 2)",
    "event('Order Completed').between(7 days, 10 days).sum(property('revenue'))",
    "event('Order Completed').max(property('currency') as string)",
    "event('Product Viewed').unique(property('product_id')).count()",
    "page('Pricing').last_at()",
    "identify().last(property('plan'))",
    'event(*).time_since_last()',
    "event('A').last(context('campaign.name'))",
    "event('Order Completed').stage(30 days, 90 days, 180 days)",
  ])('%s is in its normal form', (text) => {
    expect(read(text)).toBe(text);
  });

  it.each([
    ["event('A').mode(property('x'))", "event('A').mode(property('x'), 2)"],
    ["event('A').min(property('x') as number)", "event('A').min(property('x'))"],
    ["event('A').within(24 hours).count()", "event('A').within(1 day).count()"],
  ])('%s is written as %s', (text, normal) => {
    expect(read(text)).toBe(normal);
  });

  it.each([
    ["event('A')", 'line 1, column 11: a computed trait ends in a value'],
    ["event('A').count() >= 1", 'line 1, column 20: a computed trait ends in a value, not in a comparison'],
    ["event('A').sum(property('x') as string)", 'line 1, column 16: sum(…) of texts is not possible'],
    ["event('A').cuont()", 'line 1, column 12: unknown reducer "cuont"; did you mean "count"?'],
    ["event('A').sum()", "line 1, column 12: expected a value in sum(…): sum(property('price'))"],
    [
      "event('A').count().within(1 day)",
      'line 1, column 20: nothing may follow count(…): write .within(…) before .count(…)',
    ],
    ["event('A').between(2 days, 1 day).count()", 'line 1, column 20: the first time in between(…)'],
    [
      "event('A').within(1 day).between(1 day, 2 days).count()",
      'line 1, column 26: within(…) and between(…)',
    ],
    ["event('A').within(1 day).first_at()", 'line 1, column 26: first_at() is of all time'],
    ["event('A').mode(property('x'), 0)", 'line 1, column 32: the least frequency is a whole number from 1'],
    ["event('A').stage(30 days)", 'line 1, column 12: stage(…) takes three times'],
    ["event('A').stage(30 days, 90 days, 90 days)", 'line 1, column 36: the third time in stage(…)'],
    ["trait('x')", 'line 1, column 1: a computed trait is made of events'],
    ["event('A').sum(trait('x'))", 'line 1, column 16: trait(…) is not supported yet'],
    ["event('A').count() AND event('B').count()", 'line 1, column 1: a computed trait begins with event(…)'],
    ['', 'line 1, column 1: the query is empty: expected event(…)'],
  ])('%s is refused: %s', (text, reason) => {
    expect(read(text)).toContain(reason);
  });
});

describe('the aggregate of a trait', () => {
  const of = (text: string) => {
    const parsed = parseComputedTrait(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return aggregatesOfTrait(parsed.value)[0];
  };

  it('is one for traits that differ in the window or in what is made of the same numbers', () => {
    const { hash } = of("event('A').within(7 days).sum(property('x'))").aggregate;
    expect(of("event('A').within(30 days).avg(property('x'))").aggregate.hash).toBe(hash);
    expect(of("event('A').sum(property('x'))").aggregate.hash).not.toBe(hash);
    expect(of("event('A').within(30 days).avg(property('x'))").bound).toBe(30 * 86_400_000);
  });

  it('keeps one event where one is asked for: of those that have the value', () => {
    const { aggregate, bound } = of("event('A').where(property('y') = 1).last(property('x'))");
    expect({ ...aggregate, bound }).toMatchObject({
      kind: 'latest',
      bound: 1,
      where: { kind: 'and', operands: [{ path: 'y' }, { path: 'x', comparison: { op: 'exists' } }] },
    });
  });
});
