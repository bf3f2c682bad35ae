import { describe, expect, it } from '@jest/globals';
import type { Identifier } from '@tributary/kernel';
import { DEFAULT_RULES, IdentityRules, ruleFaults, ruleIn, type NamespaceRule } from './rules.js';

const other: NamespaceRule = { priority: 4, limit: 5, supernode: 20, blocked: [], normalise: [] };
const withRules = (namespaces: Readonly<Record<string, Partial<NamespaceRule>>>) => ({
  namespaces: Object.fromEntries(
    Object.entries(namespaces).map(([name, rule]) => [name, { ...other, ...rule }]),
  ),
});

describe('the rule of a namespace', () => {
  it('is its own, else that of the longest beginning, else that of all others', () => {
    const rules = withRules({
      'ios.id': { limit: 1 },
      'ios.*': { limit: 2 },
      'ios.x.*': { limit: 3 },
      '*': { limit: 4 },
    });
    const limits = ['ios.id', 'ios.idfa', 'ios.x.y', 'ios', 'email', 'toString'].map(
      (name) => ruleIn(rules, name).limit,
    );
    expect(limits).toEqual([1, 2, 3, 4, 4, 4]);
  });
});

describe('a blocked value', () => {
  it('is that very one, or one that fits around its star', () => {
    const rules = new IdentityRules(
      withRules({ email: { blocked: ['test@test.com', '*@example.com', 'noreply*'] }, '*': {} }),
    );
    const blocked = ['email:test@test.com', 'email:a@example.com', 'email:noreply@x.y', 'email:@example.com'];
    const free = ['email:test@test.comm', 'email:a@example.com.au', 'phone:test@test.com', 'email:anoreply'];
    expect(blocked.filter((id) => rules.isBlocked(id as Identifier))).toEqual(blocked);
    expect(free.filter((id) => rules.isBlocked(id as Identifier))).toEqual([]);
  });

  it('does not fit where its two ends would share characters', () => {
    const rules = new IdentityRules(withRules({ '*': { blocked: ['aba*aba'] } }));
    expect(rules.isBlocked('x:ababa' as Identifier)).toBe(false);
    expect(rules.isBlocked('x:abaaba' as Identifier)).toBe(true);
  });
});

describe('a definition of rules', () => {
  it('has no fault as it is built in', () => {
    expect(ruleFaults(DEFAULT_RULES)).toEqual([]);
  });

  it('names every fault, and where', () => {
    const faults = ruleFaults(
      withRules({
        'a:b': {},
        email: { limit: 30, supernode: 20, blocked: ['a*b*c', '*'] },
        phone: { supernode: 2_001, limit: 0 },
      }),
    );
    expect(faults.map(({ field }) => field)).toEqual([
      'namespaces',
      'namespaces.a:b',
      'namespaces.email.supernode',
      'namespaces.email.blocked[0]',
      'namespaces.email.blocked[1]',
      'namespaces.phone.limit',
      'namespaces.phone.supernode',
    ]);
    for (const { message } of faults) expect(message.length).toBeGreaterThan(10);
  });
});
