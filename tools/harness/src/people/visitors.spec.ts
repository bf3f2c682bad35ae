import { describe, expect, it } from '@jest/globals';
import { supernode, Visitors, type Visit } from './visitors.js';

function distinct(visits: readonly Visit[]) {
  const identifiers = new Set(visits.flatMap((visit) => visit.identifiers));
  const pairs = new Set(
    visits.flatMap(({ identifiers: ids }) =>
      ids.flatMap((a, i) => ids.slice(i + 1).map((b) => [a, b].sort().join(' '))),
    ),
  );
  return { identifiers: identifiers.size, pairs: pairs.size };
}

describe('Visitors', () => {
  it('say how many links are new, and are two and a half identifiers a person', () => {
    const visitors = new Visitors('spec');
    const visits = Array.from({ length: 50_000 }, () => visitors.next());
    const { identifiers, pairs } = distinct(visits);
    expect(visits.reduce((sum, { links }) => sum + links, 0)).toBe(pairs);
    expect(identifiers / visitors.people).toBeGreaterThan(2.4);
    expect(identifiers / visitors.people).toBeLessThan(2.6);
  });

  it('are others under another name', () => {
    const of = (name: string) => new Visitors(name).next().identifiers;
    expect(of('a')).toEqual(of('a'));
    expect(of('a')).not.toEqual(of('b'));
  });
});

describe('supernode', () => {
  it('meets each of its partners once, on half of the events as the primary identifier', () => {
    const visits = [...supernode('h', 100)];
    expect(distinct(visits)).toEqual({ identifiers: 101, pairs: 100 });
    expect(visits.filter(({ identifiers }) => identifiers[0] === 'anonymous_id:supernode-h')).toHaveLength(
      50,
    );
  });
});
