import { describe, expect, it } from '@jest/globals';
import { DEFAULT_RULES, type NamespaceRule } from '@tributary/identity';
import { toNormaliserOf } from './normaliser.js';

const rule = (normalise: NamespaceRule['normalise']): NamespaceRule => ({
  priority: 1,
  limit: 1,
  supernode: 1,
  blocked: ['ann'],
  normalise,
});

describe('toNormaliserOf', () => {
  it('writes by the rule of the namespace, of its beginning, or of all others; what is blocked too', () => {
    const of = toNormaliserOf({
      namespaces: { crm: rule(['lowercase']), 'app.*': rule(['trim', 'lowercase']), '*': rule([]) },
    });
    for (let i = 0; i < 2; i += 1) {
      expect(of('crm')(' Ann')).toBe(' ann');
      expect(of('app.id')(' Ann')).toBe('ann');
      expect(of('apple')(' Ann')).toBe(' Ann');
      expect(of('constructor')(' Ann')).toBe(' Ann');
    }
  });

  it('knows one namespace as well after very many others', () => {
    const of = toNormaliserOf(DEFAULT_RULES);
    for (let i = 0; i < 3_000; i += 1) expect(of(`made.up.${i}`)(' A ')).toBe(' A ');
    expect(of('email')(' A\u0308@B.C ')).toBe('\u00e4@b.c');
    expect(of('phone')(' +49 30 901820 ')).toBe('+4930901820');
    expect(of('phone')(' +49 A ')).toBe('');
    expect(of('user_id')(' A ')).toBe(' A ');
  });
});
