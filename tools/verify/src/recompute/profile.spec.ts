import { describe, expect, it } from '@jest/globals';
import { identifier, type Identifier } from '@tributary/kernel';
import { BOUNDS, foldEvent, foldProfile, newFragment, type ProfileFragments } from '@tributary/profiles';
import { byTime, type PastEvent } from './history.js';
import { profileOf } from './profile.js';

const WORKSPACE = 'w';
const [user, device] = [identifier('user_id', 'u'), identifier('anonymous_id', 'a')];
const others = Array.from({ length: BOUNDS.partners + 5 }, (_, n) => identifier('email', `${n}@x`));
const idOf = (id: Identifier) => others.indexOf(id);

let offset = 0;
function past(
  primary: Identifier,
  at: number,
  traits: Record<string, unknown>,
  partner?: Identifier,
): PastEvent {
  offset += 1;
  return {
    ...{
      primary: `${WORKSPACE}/${primary}`,
      partition: 0,
      offset,
      sequence: 0,
      aggregates: [],
      values: {},
      kept: {},
      sourceId: 's',
    },
    ...{ messageId: `m${offset}`, deduplicationId: `m${offset}`, at, receivedAt: at, traits },
    others: partner ? [{ id: idOf(partner), key: `${WORKSPACE}/${partner}` }] : [],
  };
}

/** As the platform folds them: each identifier's in the order of its log, all attached. */
function streamed(events: readonly PastEvent[]) {
  const fragments: ProfileFragments = {};
  for (const primary of [user, device, ...others]) {
    const fragment = newFragment();
    for (const event of events.filter((each) => each.primary === `${WORKSPACE}/${primary}`)) {
      const partners = event.others.flatMap(({ id }) => others[id] ?? []);
      const { at: timestamp, traits = {}, ...same } = event;
      foldEvent(fragment, {
        ...same,
        type: 'identify',
        timestamp,
        traits,
        identifiers: [primary, ...partners],
      });
    }
    const fact = (value: unknown) => ({ version: [0, 0] as const, value });
    fragments[primary] = {
      '@attached': fact({ attached: true }),
      ...(fragment.seen && { '@seen': fact(fragment.seen) }),
      ...Object.fromEntries(
        Object.entries(fragment.identifiers).map(([id, v]) => [`identifier/${id}`, fact(v)]),
      ),
      ...Object.fromEntries(Object.entries(fragment.traits).map(([name, v]) => [`trait/${name}`, fact(v)])),
    };
  }
  return foldProfile(fragments);
}

describe('a profile with more than there is room for', () => {
  it.each<[string, () => readonly PastEvent[]]>([
    [
      'traits of one identifier, later in the log and earlier in time',
      () =>
        Array.from({ length: BOUNDS.fragmentTraits + 9 }, (_, n) => past(user, 5_000 - n, { [`t${n}`]: n })),
    ],
    [
      'traits of two together',
      () =>
        [user, device].flatMap((id) =>
          Array.from({ length: 700 }, (_, n) => past(id, n, { [`${id === user ? 'z' : 'b'}${n}`]: n })),
        ),
    ],
    [
      'a trait whose value has grown',
      () => {
        const large = 'x'.repeat(BOUNDS.fragmentTraitBytes / 2);
        return [past(user, 1, { a: large, b: 1 }), past(user, 2, { b: large }), past(user, 3, { c: 1 })];
      },
    ],
    ['others on its events', () => others.map((other, n) => past(user, n, {}, other))],
  ])('is recomputed as it is streamed: %s', (_what, make) => {
    const log = make();
    const expected = streamed(log);
    const found = profileOf({ events: [...log].sort(byTime) });
    const present = Object.entries(expected?.traits ?? {}).filter(([, { value }]) => value !== null);
    expect(found?.traits).toEqual(Object.fromEntries(present.map(([name, { value }]) => [name, value])));
    expect(found?.identifiers.map(({ namespace, value }) => `${namespace}:${value}`)).toEqual(
      expected?.identifiers.map(({ id }) => id),
    );
    expect(found?.truncated).toEqual(expected?.truncated);
    expect(found?.truncated).toHaveLength(1);
  });
});
