import { describe, expect, it } from '@jest/globals';
import { parseQuery } from './parse-query.js';
import { printQuery } from './query-printer.js';

const definitionOf = (text: string) => {
  const result = parseQuery(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const errorOf = (text: string) => {
  const result = parseQuery(text);
  return result.ok ? printQuery(result.value) : result.error.message;
};

describe('parseQuery', () => {
  it('reads an event, its filter, its window and the comparison of its count', () => {
    expect(
      definitionOf("event('Shoes Bought').where(property('price') >= 100).within(7 days).count() >= 1"),
    ).toEqual({
      kind: 'event',
      call: 'track',
      name: 'Shoes Bought',
      where: { kind: 'property', path: 'price', comparison: { op: '>=', value: 100 } },
      withinMs: 604_800_000,
      count: { op: '>=', value: 1 },
    });
  });

  it('reads the negation of an event and a trait together', () => {
    expect(definitionOf("NOT (event('Shoes Bought').count() >= 1 AND trait('total_spend') > 200)")).toEqual({
      kind: 'not',
      operand: {
        kind: 'and',
        operands: [
          { kind: 'event', call: 'track', name: 'Shoes Bought', count: { op: '>=', value: 1 } },
          { kind: 'trait', name: 'total_spend', comparison: { op: '>', value: 200 } },
        ],
      },
    });
  });

  it('binds AND tighter than OR, and NOT tighter than both', () => {
    expect(definitionOf("trait('a') = 1 OR NOT trait('b') = 2 AND trait('c') = 3")).toMatchObject({
      kind: 'or',
      operands: [{ name: 'a' }, { kind: 'and', operands: [{ kind: 'not' }, { name: 'c' }] }],
    });
  });

  it('takes words and signs for the same comparison', () => {
    const signs = ['= 2', '== 2', '!= 2', '> 2', '>= 2', '< 2', '<= 2'];
    const words = ['equals', 'equals', 'differs', 'greater_than', 'at_least', 'less_than', 'at_most'];
    for (const [i, sign] of signs.entries()) {
      expect(definitionOf(`event('A').count() ${sign}`)).toEqual(
        definitionOf(`event('A').count().${words[i]}(2)`),
      );
      expect(definitionOf(`trait('a') ${sign}`)).toEqual(definitionOf(`trait('a').${words[i]}(2)`));
    }
  });

  it('reads what others write: small letters, double quotes, two equals signs', () => {
    const written = 'trait("plan") == "pro" and not (trait("age") = 1 or trait("x").exists())';
    expect(printQuery(definitionOf(written))).toBe(
      "trait('plan') = 'pro' AND NOT (trait('age') = 1 OR trait('x').exists())",
    );
  });

  it('keeps the digits of a number that no double holds', () => {
    for (const digits of ['820982911946154508', '-89014103211118510720', '0.12345678901234567891']) {
      expect(printQuery(definitionOf(`trait('a') = ${digits}`))).toBe(`trait('a') = ${digits}`);
    }
  });

  it('reads every kind of call', () => {
    const calls = ["event('A')", 'event(*)', "page('A')", 'page(*)', "screen('A')", 'identify()', 'group()'];
    const printed = calls.map((call) => printQuery(definitionOf(`${call}.count() = 0`)));
    expect(printed).toEqual(calls.map((call) => `${call}.count() = 0`));
  });

  it('reads a condition on a value: a computed trait, and what it is compared with', () => {
    expect(
      definitionOf("event('A').where(property('x') = 1).within(30 days).sum(property('total')) > 500"),
    ).toEqual({
      kind: 'value',
      call: 'track',
      name: 'A',
      where: { kind: 'property', path: 'x', comparison: { op: '=', value: 1 } },
      window: { toMs: 2_592_000_000 },
      reducer: { op: 'sum', value: { from: 'property', path: 'total' } },
      comparison: { op: '>', value: 500 },
    });
  });

  it('reads small counts as those of events, which is exact, and all other counts as values', () => {
    const kindOf = (text: string) => definitionOf(text).kind;
    expect(kindOf("event('A').within(7 days).count() >= 100")).toBe('event');
    expect(kindOf("event('A').within(7 days).count() >= 101")).toBe('value');
    expect(kindOf("event('A').between(1 day, 7 days).count() >= 1")).toBe('value');
    expect(kindOf("event('A').count().one_of(1, 2)")).toBe('value');
  });

  it.each([
    "event('A').unique(property('x')).count() >= 3",
    "event('A').stage(30 days, 90 days, 180 days) = 'dormant'",
    "event('A').last_at().before_last(30 days)",
    "trait('a').before_date('2026-06-01')",
    "trait('a').within_next(7 days)",
    "NOT (audience('buyers'))",
    'random(12.5%)',
  ])('reads %s, and prints it as it is', (text) => {
    expect(printQuery(definitionOf(text))).toBe(text);
  });

  it('reads the first time as when the first event was', () => {
    expect(printQuery(definitionOf("first_time('A').where(property('x') = 1).within(30 days)"))).toBe(
      "event('A').where(property('x') = 1).first_at().within_last(30 days)",
    );
  });

  it('prints windows in the greatest unit up to days', () => {
    const windows = {
      '48 hours': '2 days',
      '1 week': '7 days',
      '90 minutes': '90 minutes',
      '1 days': '1 day',
    };
    for (const [written, printed] of Object.entries(windows)) {
      expect(printQuery(definitionOf(`event('A').within(${written}).count() >= 1`))).toBe(
        `event('A').within(${printed}).count() >= 1`,
      );
    }
  });

  it.each([
    [
      "event('Shoes Bought').within(7 days).cuont() >= 1",
      'line 1, column 38: unknown reducer "cuont"; did you mean "count"?',
    ],
    ["evnt('A').count() >= 1", 'line 1, column 1: unknown function "evnt"; did you mean "event"?'],
    [
      "event('A').wher(property('a') = 1).count() >= 1",
      'line 1, column 12: unknown filter "wher"; did you mean "where"?',
    ],
    [
      "event('A').where(propety('a') = 1).count() >= 1",
      'line 1, column 18: unknown function "propety"; did you mean "property"?',
    ],
    [
      "event('A').within(7 dyas).count() >= 1",
      'line 1, column 19: unknown unit "dyas"; did you mean "days"?',
    ],
    [
      "trait('a').contians('b')",
      'line 1, column 12: unknown comparison "contians"; did you mean "contains"?',
    ],
    [
      "trait('a') = 1 AND\n  event('A').count() >= 2.5",
      'line 2, column 25: a count is compared with a whole number from 0 on, not with 2.5',
    ],
    ["event('A').count()", 'line 1, column 19: expected a comparison such as ">= 1" after count()'],
    [
      "event('A')",
      'line 1, column 11: an audience ends in a comparison: expected .count() and one such as ">= 1" after event(…)',
    ],
    [
      "event('A').count() >= 1 AND",
      'line 1, column 28: expected "(", a name, a text in quotes, a number, true, false, "*" or "{" but found the end',
    ],
    [
      "event('A').count() >= 1 trait('a') = 1",
      'line 1, column 25: expected AND, OR or the end but found "trait"',
    ],
    ["event('A').count( >= 1", 'line 1, column 19: expected ")" but found ">="'],
    [
      "event('A",
      'line 1, column 7: a text begins here and does not end: expected a closing quotation mark (inside a text, write \\\' or \\")',
    ],
    [
      "event('A').within(last 30 days).count() >= 1",
      'line 1, column 19: within(…) takes a time such as 7 days, not last',
    ],
    [
      "event('A').within('30 days').count() >= 1",
      "line 1, column 19: within(…) takes a time without quotes, such as 7 days, not the text '30 days'",
    ],
    [
      "event('A').where(property('total') >= 99,90).count() >= 1",
      'line 1, column 42: a number has no comma: write 1000, or 99.90 with a point',
    ],
    ["trait('a') ≥ 1", 'line 1, column 12: unexpected "≥": write >='],
    [
      "trait('a') > - 5",
      'line 1, column 14: unexpected "-": a minus stands right before its number, such as -50',
    ],
    ["trait('a') > €5", 'line 1, column 14: unexpected "€": an amount is a number without a currency'],
    ["trait('a') > 5 -- rich", 'line 1, column 16: unexpected "--": a query has no comments'],
    ["event('A') # 1", 'line 1, column 12: unexpected "#": a query has no comments'],
    [
      "event('A').within(parent: 5 days).count() > 3",
      'line 1, column 19: within(parent: …) is not supported yet',
    ],
    [
      "sequence(event('A'), event('B').within(previous: 2 days))",
      'line 1, column 1: sequence(…) is not supported yet',
    ],
    ["trait('a') >= trait('b')", 'line 1, column 15: comparing with trait(…) is not supported yet'],
    ['random(10)', 'line 1, column 8: random(…) takes a share of everybody, such as 10%, not 10'],
    [
      'random(0%)',
      'line 1, column 8: a share is more than 0% and at most 100%, with four digits behind the point at most; found 0%',
    ],
    ['random(10%) = true', 'line 1, column 13: random(…) is true or false: compare it with nothing'],
    ["audience('a').count() > 1", 'line 1, column 15: nothing may follow audience(…)'],
    ["first_time('A')", "line 1, column 16: expected .within(…): write first_time('Name').within(30 days)"],
    ["first_time('A').between(1 day, 2 days)", 'line 1, column 17: between(…) is not supported yet'],
    ["event('A').top(3)", 'line 1, column 12: top(…) is not supported yet'],
    [
      "event('A').count().within(7 days) >= 1",
      'line 1, column 20: nothing may follow count(…): write .within(…) before .count(…)',
    ],
    [
      "event('A').count().contains('a')",
      "line 1, column 29: a count is compared with a whole number from 0 on, not with the text 'a'",
    ],
    [
      "event('A').within(7 days).first_at().exists()",
      'line 1, column 27: first_at() is of all time: leave the window out, or write last_at()',
    ],
    [
      "event('A').where(property('x').within_last(2 days)).count() >= 1",
      'line 1, column 32: within_last(…) changes as time passes, and where(…) looks at an event once, as it comes: write before_date(…) or after_date(…), or compare a value behind where(…), such as event(…).last_at().within_last(…)',
    ],
    ["event('A').sources({exclude: 'x'}).count() > 1", 'line 1, column 12: sources(…) is not supported yet'],
    ["property('a') = 1", 'line 1, column 1: property(…) stands only inside where(…)'],
    ['event(A).count() > 1', "line 1, column 7: expected a text in quotes but found A: write 'A'"],
    ['trait(plan) = pro', "line 1, column 7: expected a text in quotes but found plan: write 'plan'"],
    ["trait('plan') = pro", "line 1, column 17: expected a text in quotes but found pro: write 'pro'"],
    [
      "plan = 'pro'",
      `line 1, column 1: expected event(…) or trait(…) but found "plan": a trait is written trait('plan')`,
    ],
    ["event('A').count >= 1", 'line 1, column 12: expected parentheses after "count": write count(…)'],
    [
      "trait('a') in ('b', 'c')",
      `line 1, column 12: expected a comparison but found "in": write .one_of('a', 'b')`,
    ],
    [
      "trait('a') NOT IN ('b')",
      `line 1, column 12: expected a comparison but found "not in": write .none_of('a', 'b')`,
    ],
    [
      "trait('a') is not null",
      'line 1, column 12: expected a comparison but found "is not null": write .exists()',
    ],
    ["trait('a') IS NULL", 'line 1, column 12: expected a comparison but found "is null": write .absent()'],
    ["trait('a') = null", 'line 1, column 14: nothing is compared with null: write .absent()'],
    ["trait('a') != NULL", 'line 1, column 15: nothing is compared with NULL: write .exists()'],
    ["trait('a') <> 'b'", 'line 1, column 12: there is no comparison "<>": write !='],
    ["trait('a') => 1", 'line 1, column 12: there is no comparison "=>": write >='],
    ["trait('a') === 1", 'line 1, column 12: there is no comparison "===": write ='],
    ["trait('a') = 1 && trait('b') = 1", 'line 1, column 16: unexpected "&&": write AND'],
    ["trait('a') = 1 || trait('b') = 1", 'line 1, column 16: unexpected "||": write OR'],
    [
      "trait('a') LIKE '%b%'",
      `line 1, column 12: expected a comparison but found "like": write .contains('a'), .starts_with('a') or .ends_with('a')`,
    ],
    [
      "trait('a') between 1 and 2",
      'line 1, column 12: expected a comparison but found "between": write two, such as x >= 1 AND x <= 9',
    ],
    ['trait(‘a’) = 1', `line 1, column 7: unexpected "‘": texts are in straight quotes: write 'a' or "a"`],
    ["!trait('a') = 1", 'line 1, column 1: unexpected "!": write NOT (…), or != between two values'],
    ["event('A').summ(property('x')) > 3", 'line 1, column 12: unknown reducer "summ"; did you mean "sum"?'],
    [
      "event('A').zzzzzz() > 3",
      'line 1, column 12: unknown reducer "zzzzzz"; expected one of count, sum, avg, min, max, mode, first, last, unique, first_at, last_at, time_since_first, time_since_last, stage',
    ],
    [
      "trait('a').before_date('soon')",
      "line 1, column 24: before_date(…) takes a date such as '2026-06-01', or an instant such as '2026-06-01T12:00:00Z', not the text 'soon'",
    ],
    ['', 'line 1, column 1: the query is empty: expected event(…) or trait(…)'],
  ])('says of %s what is wrong and where', (text, message) => {
    expect(errorOf(text)).toBe(message);
  });

  it('refuses more than fifty conditions, at the first that is too many', () => {
    const fifty = Array.from({ length: 50 }, () => "trait('a') = 1").join('\nAND ');
    expect(parseQuery(fifty).ok).toBe(true);
    expect(errorOf(`${fifty}\nAND trait('b') = 1`)).toBe(
      'line 51, column 5: more than 50 conditions in one definition',
    );
  });

  it('refuses what is nested too deep to be read', () => {
    expect(errorOf('('.repeat(9_000))).toBe('line 1, column 51: nested more than 50 deep');
    expect(errorOf('NOT '.repeat(5_000))).toBe('line 1, column 201: nested more than 50 deep');
  });
});
