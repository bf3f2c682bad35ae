import { describe, expect, it } from '@jest/globals';
import { resolveAll, DEFAULT_RULES, IdentityRules, type Occurrence } from '@tributary/identity';
import { namespaceOf } from '@tributary/kernel';
import { POPULATION_RULES } from './population-rules.js';
import { Population } from './population.js';

function occurrences(seed: number, events = 12_000): readonly Occurrence[] {
  const population = new Population(seed);
  return Array.from({ length: events }, (_, receivedAt) => ({ identifiers: population.next(), receivedAt }));
}

const reasons = (of: readonly Occurrence[], rules: IdentityRules) =>
  new Set([...resolveAll(of, rules).refused.values()].map(({ rule }) => rule));

describe('Population', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(occurrences(1, 500)).toEqual(occurrences(1, 500));
    expect(occurrences(1, 500)).not.toEqual(occurrences(2, 500));
  });

  it('has supernodes, shared tablets, people with more than a profile holds, and one that occurs with everybody', () => {
    const events = occurrences(3, 60_000);
    const refused = reasons(events, new IdentityRules(DEFAULT_RULES));
    for (const rule of ['supernode', 'limit', 'too_many_partners'] as const) expect(refused).toContain(rule);
  });

  it('has chains in which each knows the next alone', () => {
    const partners = new Map<string, Set<string>>();
    for (const { identifiers } of occurrences(4)) {
      const [a, b] = identifiers;
      if (!a || !b || namespaceOf(a) !== 'ios.idfv') continue;
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const)
        partners.set(x, (partners.get(x) ?? new Set()).add(y));
    }
    expect(partners.size).toBeGreaterThan(100);
    expect(Math.max(...[...partners.values()].map(({ size }) => size))).toBe(2);
  });

  it('is resolved otherwise by each of the rules that come into force', () => {
    const events = occurrences(5, 4_000);
    const named = [DEFAULT_RULES, ...POPULATION_RULES].map((definition) => {
      const { named: all } = resolveAll(events, new IdentityRules(definition));
      return JSON.stringify([...all].sort());
    });
    expect(new Set(named).size).toBe(3);
  });
});
