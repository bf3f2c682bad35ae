import { describe, expect, it } from '@jest/globals';
import { identifier } from '@tributary/kernel';
import { BOUNDS, identifierBytes, traitBytes } from './bounds.js';
import {
  foldEvent,
  hasRoomFor,
  isLater,
  newFragment,
  type FoldableEvent,
  type Fragment,
  type TraitFact,
} from './fragment.js';
import { foldProfile, type ProfileFragments } from './profile.js';

const fact = (more: Partial<TraitFact>): TraitFact => ({
  value: 1,
  at: 5,
  receivedAt: 5,
  messageId: 'm',
  sourceId: 's',
  ...more,
});

describe('the order of traits', () => {
  it('is event time, then receipt, then the place in it, then messageId', () => {
    const rising = [
      fact({ at: 4, receivedAt: 9, sequence: 9, messageId: 'z' }),
      fact({ receivedAt: 4, sequence: 9, messageId: 'z' }),
      fact({ messageId: 'a' }),
      fact({ sequence: 0, messageId: 'b' }),
      fact({ sequence: 9, messageId: 'z' }),
      fact({ sequence: 10, messageId: 'a' }),
    ];
    for (const [i, one] of rising.entries())
      for (const [j, other] of rising.entries()) expect(isLater(one, other)).toBe(i > j);
  });
});

describe('a fragment with more than it holds', () => {
  const me = identifier('user_id', 'u');
  const fold = (fragment: Fragment, more: Partial<FoldableEvent>) => {
    const event = {
      type: 'identify',
      sourceId: 's',
      timestamp: 1,
      receivedAt: 1,
      sequence: 0,
      identifiers: [me],
    };
    foldEvent(fragment, { ...event, messageId: 'm', ...more });
  };
  const traitsOf = ({ traits }: Fragment) =>
    Object.fromEntries(Object.entries(traits).map(([name, { value }]) => [name, value]));

  it('keeps the first names of traits, goes on with their values, and says so', () => {
    const fragment = newFragment();
    for (let n = 0; n < BOUNDS.fragmentTraits; n += 1) fold(fragment, { traits: { [`t${n}`]: n } });
    expect(fragment.seen?.truncated).toBeUndefined();
    fold(fragment, { traits: { other: 1, t7: 'new' }, timestamp: 2 });
    expect(Object.keys(fragment.traits)).toHaveLength(BOUNDS.fragmentTraits);
    expect(traitsOf(fragment)).toMatchObject({ t7: 'new', t8: 8 });
    expect(fragment.seen).toMatchObject({ truncated: ['traits'], count: BOUNDS.fragmentTraits + 1 });
  });

  it('removes a trait whose value has become too large, and has room for it when it is small again', () => {
    const fragment = newFragment();
    const large = 'x'.repeat(BOUNDS.fragmentTraitBytes / 2);
    fold(fragment, { traits: { a: large, b: 1 } });
    fold(fragment, { traits: { b: large }, timestamp: 2 });
    expect(traitsOf(fragment)).toEqual({ a: large, b: null });
    fold(fragment, { traits: { b: 2, c: large }, timestamp: 3 });
    expect(traitsOf(fragment)).toEqual({ a: large, b: 2 });
    const bytes = traitBytes('a', large) + traitBytes('b', 2);
    expect(fragment).toMatchObject({ traitBytes: bytes, seen: { truncated: ['traits'] } });
  });

  it('keeps the first partners, and sees them again', () => {
    const fragment = newFragment();
    const partner = (n: number) => identifier('anonymous_id', String(n));
    for (let n = 0; n <= BOUNDS.partners; n += 1) fold(fragment, { identifiers: [me, partner(n)] });
    fold(fragment, { identifiers: [me, partner(3)], timestamp: 9 });
    expect(Object.keys(fragment.identifiers)).toHaveLength(BOUNDS.partners);
    expect(fragment.identifiers[partner(3)]).toEqual({ first: 1, last: 9, count: 2 });
    expect(fragment.seen?.truncated).toEqual(['identifiers']);
    expect(hasRoomFor(fragment, partner(3))).toBe(true);
    expect(hasRoomFor(fragment, partner(999))).toBe(false);
  });
});

describe('a profile with more than it holds', () => {
  it('shows the first traits by name and the first identifiers, and says so', () => {
    const seen = (first: number) => ({ version: [0, 1] as const, value: { first, last: first, count: 1 } });
    const attached = { version: [0, -1] as const, value: { attached: true } };
    const trait = (value: unknown) => ({ version: [0, 1] as const, value: fact({ value }) });
    const half = BOUNDS.profileTraits / 2 + 1;
    const named = (letter: string) =>
      Object.fromEntries(Array.from({ length: half }, (_, n) => [`trait/${letter}${n}`, trait(n)]));
    const fragments = {
      'user_id:b': { '@attached': attached, '@seen': seen(5), ...named('b') },
      'user_id:a': { '@attached': attached, '@seen': seen(7), ...named('a') },
    };
    const profile = foldProfile(fragments);
    expect(Object.keys(profile?.traits ?? {})).toHaveLength(BOUNDS.profileTraits);
    expect(Object.keys(profile?.traits ?? {}).filter((name) => name.startsWith('a'))).toHaveLength(half);
    expect(profile?.truncated).toEqual(['traits']);

    const many = Array.from({ length: 3_000 }, (_, n) => [
      `anonymous_id:${n}`,
      { '@attached': attached, '@seen': seen(n) },
    ]);
    const crowd = foldProfile(Object.fromEntries(many) as ProfileFragments);
    const bytes = (crowd?.identifiers ?? []).reduce((sum, { id }) => sum + identifierBytes(id), 0);
    expect(bytes).toBeLessThanOrEqual(BOUNDS.profileIdentifierBytes);
    expect(bytes).toBeGreaterThan(BOUNDS.profileIdentifierBytes - 200);
    expect(crowd?.identifiers.map(({ first }) => first)).toEqual(crowd?.identifiers.map((_, n) => n));
    expect(crowd).toMatchObject({ eventCount: many.length, truncated: ['identifiers'] });
  });
});
