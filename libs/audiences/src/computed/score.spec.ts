import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { groupsOf, ruled } from '../../test/ranked-people.js';
import { printTrait } from './print-trait.js';
import { parseTrait } from '../parse-query.js';
import { bordersOf, isScore, rankedValue, rankingFault, scoreOf } from './score.js';

const read = (name: string) =>
  readFileSync(new URL(`../../test/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));

/** Of each customer of CDNOW until 1997-09-30: the day of the last purchase, how many there were and what they cost. */
const CUSTOMERS = read('cdnow.txt').map(([id = '', ...purchases]) => {
  const until = (Date.UTC(1997, 8, 30) - Date.UTC(1997, 0, 1)) / 86_400_000;
  const past = purchases.map((one) => one.split(':').map(Number)).filter(([day = 0]) => day <= until);
  const cents = past.reduce((sum, [, one = 0]) => sum + one, 0);
  const last = new Date(Date.UTC(1997, 0, 1) + (past.at(-1)?.[0] ?? 0) * 86_400_000).toISOString();
  return { id, recency: last, frequency: past.length, monetary: cents / 100 };
});

const FIVE = { groups: 5, best: 'highest' } as const;
const scored = (of: 'recency' | 'frequency' | 'monetary') => {
  const values = CUSTOMERS.map((customer) => customer[of]);
  const borders = bordersOf(groupsOf(values, FIVE), FIVE);
  return values.map((value) => scoreOf(value, borders, FIVE));
};

describe('the scores of the customers of CDNOW on 1997-09-30', () => {
  it.each([
    ['recency' as const, [480, 478, 459, 475, 465]],
    ['frequency' as const, [1411, 0, 439, 214, 293]],
    ['monetary' as const, [480, 464, 471, 471, 471]],
  ])('of %s are of groups of these sizes', (of, sizes) => {
    const scores = scored(of);
    expect([1, 2, 3, 4, 5].map((score) => scores.filter((one) => one === score).length)).toEqual(sizes);
  });

  it('are in these cells of recency, frequency and value', () => {
    const all = [scored('recency'), scored('frequency'), scored('monetary')];
    const cells = new Map<string, number>();
    for (const i of CUSTOMERS.keys()) {
      const cell = all.map((scores) => scores[i]).join(' ');
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
    }
    const expected = read('cdnow-rfm-cells.txt').map(
      ([r, f, m, people]) => [`${r} ${f} ${m}`, Number(people)] as const,
    );
    expect(cells).toEqual(new Map(expected));
    expect(cells.get('5 5 5')).toBe(191);
  });
});

const valueArbitrary = fc.constantFrom(0, 1, 2, 3.5, -1, '12345678901234567890.1', 1e17);

describe('a score', () => {
  it('is by the borders what the rule says, for everybody whom they were made of', () => {
    fc.assert(
      fc.property(
        fc.array(valueArbitrary, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 2, max: 7 }),
        fc.constantFrom('highest' as const, 'lowest' as const),
        (values, groups, best) => {
          const borders = bordersOf(groupsOf(values, { groups, best }), { groups });
          expect(borders).toHaveLength(groups - 1);
          for (const [value, score] of ruled(values, { groups, best }))
            expect(scoreOf(value, borders, { best })).toBe(score);
        },
      ),
    );
  });

  it('never falls where a value gets better, also one that nobody had', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 }),
        fc.integer({ min: -1, max: 21 }),
        (values, value) => {
          const borders = bordersOf(groupsOf(values, FIVE), FIVE);
          const [score, better] = [value, value + 1].map((one) => scoreOf(one, borders, FIVE)) as [
            number,
            number,
          ];
          expect(better).toBeGreaterThanOrEqual(score);
          expect(score).toBeGreaterThanOrEqual(1);
          expect(better).toBeLessThanOrEqual(5);
        },
      ),
    );
  });

  it('is of those alone who have an event', () => {
    expect(rankedValue({ value: 0, changesAt: undefined, isEmpty: true })).toBeUndefined();
    expect(rankedValue({ value: 0, changesAt: undefined })).toBe(0);
    expect(rankedValue({ value: undefined, changesAt: undefined })).toBeUndefined();
  });
});

const written = (text: string) => {
  const parsed = parseTrait(text);
  return parsed.ok ? printTrait(parsed.value) : parsed.error.message;
};

describe('the text of a score', () => {
  it.each(["trait('revenue').score(5)", "trait('silence').score(10, best: 'lowest')"])(
    '%s is in its normal form',
    (text) => {
      expect(written(text)).toBe(text);
    },
  );

  it('leaves out what is so anyway', () => {
    expect(written("trait( 'a' ).score(5, best: 'highest')")).toBe("trait('a').score(5)");
    expect(written("event('A').count()")).toBe("event('A').count()");
  });

  it.each([
    ["trait('a')", 'line 1, column 11: expected .score(…) after trait(…)'],
    ["trait('a').rank(5)", 'line 1, column 12: unknown function of a trait "rank"; expected one of score'],
    [
      "trait('a').score()",
      "line 1, column 12: expected a number of groups in score(…): trait('revenue').score(5)",
    ],
    [
      "trait('a').score(1)",
      'line 1, column 18: score(…) takes a whole number of groups from 2 to 100, not 1',
    ],
    ["trait('a').score(2.5)", 'not 2.5'],
    ["trait('a').score(101)", 'not 101'],
    [
      "trait('a').score(5, 'lowest')",
      "line 1, column 21: the second argument of score(…) is best: 'lowest' or best: 'highest'",
    ],
    ["trait('a').score(5, best: 'last')", "best: 'lowest' or best: 'highest'"],
    ["trait('a').score(5).score(5)", 'line 1, column 21: nothing may follow score(…)'],
    ["trait('a').score(5) > 3", 'a computed trait ends in a value, not in a comparison'],
    ['trait().score(5)', 'line 1, column 1: expected a text in trait(…)'],
  ])('%s is refused with its place and a reason', (text, reason) => {
    expect(written(text)).toContain(reason);
  });

  it.each([
    ['count()', undefined],
    ["max(property('x') as string)", 'max(… as string) is a text'],
    ['time_since_last()', 'time_since_last() grows by itself; rank last_at(), of which later is better'],
    ["mode(property('x'))", 'mode(…) has no order'],
    ["unique(property('x'))", 'unique(…) is a list; rank unique(…).count()'],
    ['stage(1 day, 2 days, 3 days)', 'stage(…) has no order'],
  ])('ranks what has an order: %s', (reducer, fault) => {
    const parsed = parseTrait(`event('A').${reducer}`);
    if (!parsed.ok || isScore(parsed.value)) throw new Error('it is of events');
    expect(rankingFault(parsed.value)).toBe(fault);
  });
});
