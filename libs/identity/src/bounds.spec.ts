import { describe, expect, it } from '@jest/globals';
import { compareByDigest, identifier, profileIdOf, type Identifier } from '@tributary/kernel';
import { resolveAll, type Occurrence } from './batch.js';
import { pairKey, pairOf, parsePairKey, type Pair } from './link.js';
import { Resolver } from './resolver.js';
import { newResolverState } from './resolver-state.js';
import { DEFAULT_RULES, IDENTITY_BOUNDS, IdentityRules, type IdentityBounds } from './rules.js';
import { World, type Scenario } from '../test/world.fixture.js';

const rulesWithin = (bounds: Partial<IdentityBounds>) =>
  new IdentityRules(DEFAULT_RULES, { ...IDENTITY_BOUNDS, ...bounds });
const scenarioOf = (occurrences: readonly Occurrence[], rules: IdentityRules, seed = 1): Scenario => ({
  occurrences,
  rules: [rules],
  splits: [],
  partitions: 4,
  seed,
});
const device = (n: number) => identifier('anonymous_id', `d${n}`);

/** Each device was seen with the next one. */
const chain = (length: number): Occurrence[] =>
  Array.from({ length }, (_, i) => ({ identifiers: [device(i), device(i + 1)], receivedAt: i }));

describe('a chain that is longer than a component may be', () => {
  const rules = rulesWithin({ links: 20 });

  it.each([1, 2, 3, 4, 5])('joins its earliest links, in every order of arrival (%i)', (seed) => {
    const occurrences = chain(60);
    const { named } = resolveAll(occurrences, rules);
    const world = new World(scenarioOf(occurrences, rules, seed)).run();
    for (const [id, first] of named) expect([id, world.profileOf(id)]).toEqual([id, profileIdOf('w', first)]);
    expect(new Set([...named.values()]).size).toBe(41);
  });

  it('counts what is left out, answers it, and keeps no more links than it may', () => {
    const world = new World(scenarioOf(chain(60), rules)).run();
    expect(world.refused.get('beyond_bound')).toBeGreaterThan(0);
    for (const { pending, component } of world.states) {
      expect(pending).toEqual({});
      expect(Object.keys(component?.links ?? {}).length).toBeLessThanOrEqual(20);
    }
  });

  it('is cut off by the text of its identifiers as well', () => {
    const wordy = rulesWithin({ linkText: 400 });
    const { refused } = resolveAll(chain(60), wordy);
    const world = new World(scenarioOf(chain(60), wordy)).run();
    expect(refused.size).toBeGreaterThan(0);
    for (const [id, first] of resolveAll(chain(60), wordy).named)
      expect(world.profileOf(id)).toBe(profileIdOf('w', first));
  });
});

describe('an identifier that meets more others than are kept', () => {
  const many = 50;
  const rules = rulesWithin({ partners: 12 });
  const tablet = device(0);
  const crowd = Array.from({ length: many }, (_, i) => ({
    identifiers: [identifier('user_id', String(i)), tablet],
    receivedAt: i,
  }));

  it('joins nobody, remembers a bounded number, and leaves nobody waiting', () => {
    const world = new World(scenarioOf(crowd, rules)).run();
    expect(Object.keys(world.stateOf(tablet)?.partners ?? {}).length).toBeLessThanOrEqual(13);
    expect(world.refused.get('too_many_partners')).toBeGreaterThan(0);
    for (let i = 0; i < many; i += 1) {
      const user = identifier('user_id', String(i));
      expect(world.profileOf(user)).toBe(profileIdOf('w', user));
      expect(world.stateOf(user)?.pending).toEqual({});
    }
  });

  it('takes one more in without growing, however many there were', () => {
    const resolver = new Resolver({ rulesOf: () => rules });
    const state = newResolverState(tablet, 0);
    const sizes = crowd.map(({ identifiers: [user = tablet], receivedAt }, offset) => {
      resolver.apply(
        tablet,
        state,
        [
          {
            ...{ kind: 'seen', to: tablet, firstSeen: receivedAt, said: [], links: [] },
            ids: [user, tablet].sort(compareByDigest),
          },
        ],
        { offset, rules: 0 },
      );
      return JSON.stringify(state).length;
    });
    expect(sizes.at(-1)).toBe(sizes[12]);
    expect(sizes.at(-1)).toBeLessThan(200);
  });
});

describe('the widest state that the bounds allow', () => {
  const offset = 999_999_999_999;
  const now = 1_767_323_045_678;
  const rules = new IdentityRules({
    namespaces: {
      '*': { priority: 0, limit: 1_000, supernode: IDENTITY_BOUNDS.partners, blocked: [], normalise: [] },
    },
  });
  const named = (n: number, bytes: number) => identifier('n', String(n).padStart(bytes - 2, '"x'));
  /** The smallest of many by digest, so that it leads. */
  const me = Array.from({ length: 50_000 }, (_, n) => identifier('me', String(n))).reduce((a, b) =>
    compareByDigest(a, b) < 0 ? a : b,
  );

  it('fits a record of a stock broker, and so does all that it hands up', () => {
    const resolver = new Resolver({ rulesOf: () => rules });
    const state = newResolverState(me, 0);
    const apply = (...messages: Parameters<Resolver['apply']>[2]) =>
      resolver.apply(me, state, messages, { offset, rules: 0 });
    const { partners, partnerText, links, linkText } = IDENTITY_BOUNDS;
    for (let n = 0; n < partners; n += 1) {
      const partner = named(n, Math.floor(partnerText / partners / 2));
      const ids = [me, partner].sort(compareByDigest);
      apply({ kind: 'seen', ids, firstSeen: now, news: [ids.indexOf(me), offset], said: [], links: [] });
      const theirs = {
        refusal: 'too_many_partners',
        firstSeen: now,
        endFirstSeen: now,
        version: offset,
      } as const;
      apply({ kind: 'eligibility', end: partner, other: me, ...theirs });
      state.pending[partner] = offset;
    }
    const facts = Array.from({ length: links }, (_, n) => {
      const size = Math.floor(linkText / links / 2 / 2);
      const pair = pairOf(named(2 * n, size), named(2 * n + 1, size));
      const endsFirstSeen = [now, now - 1] as const;
      return { pair, eligible: true, firstSeen: now, endsFirstSeen, version: offset };
    });
    apply({ kind: 'facts', from: me, facts, open: false });
    const withNews = JSON.stringify(state).length;
    apply({ kind: 'resolve' });
    const answered = 2 * links * '"12345":"0123456789abcdef",'.length;
    expect(Object.keys(state.partners).length).toBe(partners);
    expect(Object.keys(state.component?.links ?? {}).length).toBe(links);
    expect(withNews + answered).toBeLessThan(1_000_000);
    expect(withNews + answered).toBeGreaterThan(300_000);
  });
});

describe('the key of a pair', () => {
  it('is of that pair alone, also where values hold line feeds, spaces and digits', () => {
    const a = 'user_id:a' as Identifier;
    const pairs: Pair[] = [
      [`${a}\nemail:b` as Identifier, 'email:c' as Identifier],
      [a, 'email:b\nemail:c' as Identifier],
      ['user_id:1 2' as Identifier, '3:x' as Identifier],
    ];
    expect(new Set(pairs.map(pairKey)).size).toBe(pairs.length);
    for (const pair of pairs) expect(parsePairKey(pairKey(pair))).toEqual(pair);
  });
});
