import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  beginAggregate,
  foldOccurrence,
  knownOf,
  type KnownAggregate,
} from '../aggregates/folded-aggregate.js';
import type { Aggregate } from '../aggregates/typed-aggregate.js';
import { parseComputedTrait } from '../parse-query.js';
import { computeTrait } from './compute.js';
import type { ComputedTrait } from './computed-trait.js';
import { aggregatesOfTrait } from './trait-aggregate.js';

/**
 * The purchases of 2,357 customers of CDNOW, 1997-01-01 to 1998-06-30: a customer a line, with the days since the first and
 * the cents of each. From the package lifetimes 0.11.3; published for research by Fader and Hardie.
 */
const CUSTOMERS = readFileSync(new URL('../../test/cdnow.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [id = '', ...purchases] = line.split(' ');
    return { id, purchases: purchases.map((one) => one.split(':').map(Number) as [number, number]) };
  });

const DAY = 86_400_000;
const BEGIN = Date.UTC(1997, 0, 1);

function trait(query: string): ComputedTrait {
  const parsed = parseComputedTrait(query);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

/** What a customer's purchases until an instant come to. */
function known({ purchases }: (typeof CUSTOMERS)[number], of: ComputedTrait, until: number) {
  const byHash = new Map(
    aggregatesOfTrait(of).map(({ aggregate, bound }) => {
      let state = beginAggregate(0, bound, { isNew: true });
      for (const [day, cents] of purchases) {
        const time = BEGIN + day * DAY;
        if (time > until) break;
        const value = (cents / 100).toFixed(2);
        state = foldOccurrence(aggregate, state, {
          time,
          receivedAt: time,
          sequence: 0,
          id: `${day}`,
          value,
        });
      }
      const all = knownOf(aggregate, state);
      return [aggregate.hash, all.part.entries.length > 0 ? all : undefined] as const;
    }),
  );
  return ({ hash }: Aggregate): KnownAggregate | undefined => byHash.get(hash);
}

const computed = (customer: (typeof CUSTOMERS)[number], of: ComputedTrait, at: number) =>
  computeTrait(of, known(customer, of, at), at).value;

describe('the customers of CDNOW', () => {
  it.each([
    ['1997-03-01', 905, 759, 0, 0, 0],
    ['1997-04-01', 662, 1684, 0, 11, 0],
    ['1997-05-01', 0, 1784, 0, 573, 0],
    ['1997-06-01', 0, 1031, 0, 1326, 0],
    ['1997-07-01', 0, 524, 0, 1806, 27],
    ['1997-08-01', 0, 475, 9, 1328, 545],
    ['1997-09-01', 0, 427, 22, 695, 1213],
    ['1997-10-01', 0, 365, 44, 309, 1639],
    ['1997-11-01', 0, 341, 38, 287, 1691],
    ['1997-12-01', 0, 334, 55, 257, 1711],
    ['1998-01-01', 0, 351, 50, 207, 1749],
    ['1998-02-01', 0, 353, 40, 181, 1783],
    ['1998-03-01', 0, 317, 51, 205, 1784],
    ['1998-04-01', 0, 322, 63, 205, 1767],
    ['1998-05-01', 0, 340, 36, 206, 1775],
    ['1998-06-01', 0, 314, 31, 194, 1818],
    ['1998-07-01', 0, 260, 37, 215, 1845],
  ])('on %s are at these stages', (date, ...expected) => {
    const stage = trait("event('Order Completed').stage(30 days, 90 days, 180 days)");
    const found = CUSTOMERS.map((customer) => computed(customer, stage, Date.parse(date)));
    const count = (of: string) => found.filter((one) => one === of).length;
    expect(['new', 'active', 'won_back', 'at_risk', 'dormant'].map(count)).toEqual(expected);
  });

  it.each([
    [1, 59, 3, 74.02],
    [2, 260, 2, 75.11],
    [3, 272, 1, 6.79],
    [17, 33, 11, 268.33],
    [59, 0, 2, 51.2],
    [79, 150, 4, 74.62],
    [92, 6, 7, 352.5],
    [157, 2, 30, 773.57],
    [1901, 172, 22, 6552.7],
    [2357, 189, 1, 25.74],
  ])('number %s has so many days of silence, orders and money on 1997-09-30', (id, days, orders, spend) => {
    const at = Date.UTC(1997, 8, 30);
    const customer = CUSTOMERS[id - 1]!;
    expect(customer.id).toBe(String(id));
    const value = (query: string) => computed(customer, trait(`event('Order Completed').${query}`), at);
    expect(value('time_since_last()')).toBe(days * 86_400);
    expect(value('count()')).toBe(orders);
    expect(value("sum(property('total'))")).toBe(spend);
    expect(value("avg(property('total'))")).toBeCloseTo(spend / orders, 8);
  });

  it('spent as much as the sum of their purchases, to the cent', () => {
    const sum = trait("event('Order Completed').sum(property('total'))");
    const cents = CUSTOMERS.map((customer) => Math.round(Number(computed(customer, sum, Infinity)) * 100));
    const all = CUSTOMERS.flatMap(({ purchases }) => purchases.map(([, one]) => one));
    expect(cents.reduce((a, b) => a + b)).toBe(all.reduce((a, b) => a + b));
  });
});
