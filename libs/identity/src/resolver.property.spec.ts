import { describe, expect, it } from '@jest/globals';
import { identifier, namespaceOf, profileIdOf, type Identifier } from '@tributary/kernel';
import { propertyRuns } from '@tributary/testing';
import fc from 'fast-check';
import { resolveAll, type Occurrence } from './batch.js';
import type { Message } from './messages.js';
import { Resolver } from './resolver.js';
import { newResolverState, type ResolverState } from './resolver-state.js';
import type { IdentityRules, NamespaceRule } from './rules.js';
import { sightingsOf, type SightingsState } from './sightings.js';

const SMALL: Readonly<Record<string, NamespaceRule>> = {
  user_id: { limit: 1, hub: 3 },
  email: { limit: 2, hub: 4 },
  anonymous_id: { limit: 3, hub: 5 },
};
const rules: IdentityRules = {
  ruleOf: (namespace) => SMALL[namespace] ?? { limit: 1, hub: 1 },
  isBlocked: (id) => id.endsWith(':0'),
};

const people = fc.array(fc.constantFrom('user_id', 'email', 'anonymous_id'), { minLength: 4, maxLength: 12 });
const town = people.chain((namespaces) => {
  const ids = namespaces.map((namespace, i) => identifier(namespace, String(i)));
  return fc.array(
    fc.record({
      identifiers: fc.shuffledSubarray(ids, { minLength: 1, maxLength: 3 }),
      receivedAt: fc.integer({ min: 0, max: 30 }),
    }),
    { minLength: 5, maxLength: 40 },
  );
});

/** Delivers messages in any order, about a third of them twice, settling after each or only now and then. */
function deliver(occurrences: readonly Occurrence[], choose: (below: number) => number) {
  const resolver = new Resolver('w', rules);
  const states = new Map<Identifier, ResolverState>();
  const sightings = new Map<Identifier, SightingsState>();
  const mail: Message[] = [];
  const post = (messages: readonly Message[]) => {
    for (const m of messages) mail.push(...(choose(3) === 0 ? [m, m] : [m]));
  };
  const stateOf = (id: Identifier) =>
    states.get(id) ?? states.set(id, newResolverState(id)).get(id) ?? newResolverState(id);
  const offsets = new Map<Identifier, number>();
  const unsettled = new Set<Identifier>();
  const settle = () => {
    for (const id of unsettled) {
      resolver.assign(id, stateOf(id), offsets.get(id) ?? 0);
      post(resolver.answer(id, stateOf(id), offsets.get(id) ?? 0));
    }
    unsettled.clear();
  };
  let read = 0;
  for (;;) {
    if (mail.length === 0) settle();
    if (mail.length === 0 && read === occurrences.length) return states;
    const next = occurrences[read];
    if (next && (mail.length === 0 || choose(4) === 0)) {
      const [primary] = next.identifiers;
      const told = sightingsOf(primary && sightings.get(primary), next.identifiers, next.receivedAt, read);
      if (primary) sightings.set(primary, told.state);
      post(told.sightings);
      read += 1;
      continue;
    }
    const [message] = mail.splice(choose(mail.length), 1);
    if (!message) continue;
    const offset = (offsets.get(message.to) ?? -1) + 1;
    offsets.set(message.to, offset);
    post(resolver.apply(message.to, stateOf(message.to), message, offset));
    unsettled.add(message.to);
    if (choose(3) === 0) settle();
  }
}

function random(seed: number): (below: number) => number {
  let x = seed | 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

describe('the resolvers of all identifiers together', () => {
  it('come to the assignments of the batch function in every order of delivery, with repetitions', () => {
    fc.assert(
      fc.property(town, fc.integer(), (occurrences, seed) => {
        const states = deliver(occurrences, random(seed));
        for (const [id, first] of resolveAll(occurrences, rules)) {
          expect([id, states.get(id)?.assignment?.profileId ?? profileIdOf('w', id)]).toEqual([
            id,
            profileIdOf('w', first),
          ]);
        }
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('answer every new pair in the end, refused ones too', () => {
    fc.assert(
      fc.property(town, fc.integer(), (occurrences, seed) => {
        for (const [, state] of deliver(occurrences, random(seed))) {
          expect(state.pending).toEqual({});
          if (state.through >= 0) expect(state.assignment?.resolvedThrough).toBe(state.through);
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('never put more identifiers of a namespace into a profile than its limit', () => {
    fc.assert(
      fc.property(town, (occurrences) => {
        const counts = new Map<string, number>();
        for (const [id, first] of resolveAll(occurrences, rules)) {
          const key = `${first} ${namespaceOf(id)}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
          expect(counts.get(key)).toBeLessThanOrEqual(rules.ruleOf(namespaceOf(id)).limit);
        }
      }),
    );
  });
});
