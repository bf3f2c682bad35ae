import { describe, expect, it } from '@jest/globals';
import type { Flag } from './flags.js';
import { identifiersOf as found, type Named } from './identifiers.js';
import { usualNormaliserOf } from './naming.fixture.js';
import { normaliser } from './normaliser.js';

const identifiersOf = (call: Named) => found(call, { normaliserOf: usualNormaliserOf });

describe('identifiersOf', () => {
  it('finds ids in their order, the user id first', () => {
    expect(
      identifiersOf({
        type: 'identify',
        userId: 'u1',
        anonymousId: 'a1',
        traits: { email: ' Ann@Example.COM ', phone: ' +49 30 1 ' },
        context: {
          externalIds: [
            { id: 'c9', type: 'crm_id', collection: 'users', encoding: 'none' },
            { id: 'acme', type: 'account', collection: 'accounts', encoding: 'none' },
          ],
          device: { id: 'd1', type: 'iOS', advertisingId: 'ad1' },
        },
      }),
    ).toEqual([
      'user_id:u1',
      'anonymous_id:a1',
      'email:ann@example.com',
      'phone:+49 30 1',
      'crm_id:c9',
      'ios.id:d1',
      'ios.idfa:ad1',
    ]);
  });

  it('reads the traits of the context on every call', () => {
    const context = { traits: { email: 'ann@example.com' } };
    expect(identifiersOf({ type: 'track', anonymousId: 'a1', context })).toEqual([
      'anonymous_id:a1',
      'email:ann@example.com',
    ]);
  });

  it("takes neither a group's id nor its traits for a person's", () => {
    const traits = { email: 'office@example.com' };
    expect(identifiersOf({ type: 'group', userId: 'u1', traits, context: {} })).toEqual(['user_id:u1']);
  });

  it('takes the previous id of an alias for a user id, unless it is the anonymous id', () => {
    const alias = { type: 'alias', userId: 'u1', anonymousId: 'a1', context: {} } as const;
    expect(identifiersOf({ ...alias, previousId: 'u0' })).toEqual([
      'user_id:u1',
      'anonymous_id:a1',
      'user_id:u0',
    ]);
    expect(identifiersOf({ ...alias, previousId: 'a1' })).toEqual(['user_id:u1', 'anonymous_id:a1']);
  });

  it('knows the platform of a device by its type or its system', () => {
    const device = { id: 'd1' };
    expect(identifiersOf({ type: 'screen', context: { device, os: { name: 'Android' } } })).toEqual([
      'android.id:d1',
    ]);
    expect(identifiersOf({ type: 'screen', context: { device } })).toEqual([]);
  });

  it('skips external ids that are no identifiers', () => {
    const externalIds = [null, 1, {}, { type: 'a:b', id: 'x' }, { type: '', id: 'x' }, { type: 't', id: {} }];
    expect(identifiersOf({ type: 'track', context: { externalIds } })).toEqual([]);
  });

  it('stops at ten', () => {
    const externalIds = Array.from({ length: 50 }, (_, i) => ({ type: 'card', id: i + 1 }));
    const found = identifiersOf({ type: 'track', userId: 'u1', context: { externalIds } });
    expect(found).toHaveLength(10);
    expect(found[0]).toBe('user_id:u1');
  });

  it.each(
    [
      'null',
      'NULL',
      '"null"',
      "'undefined'",
      ' anonymous ',
      '[object Object]',
      'NaN',
      'None',
      '0',
      '00-00',
      '-1',
    ]
      .concat(['', ' ', '00000000-0000-0000-0000-000000000000', 'guest', 'true', '"0"', '`id`', 'Email'])
      .map((value) => [value]),
  )('never takes %p for an id', (value) => {
    const traits = { email: value, phone: value };
    expect(
      identifiersOf({ type: 'identify', userId: value, anonymousId: value, traits, context: {} }),
    ).toEqual([]);
  });

  it('keeps ids that only look odd', () => {
    for (const value of ['null0', 'a:b', '-1x', '10', 'Ünïcode ✓', 'anonymous-7', ' u 1 '])
      expect(identifiersOf({ type: 'track', userId: value, context: {} })).toEqual([`user_id:${value}`]);
  });

  it('takes emails for one however they are written, and other ids for what they are', () => {
    const named = (email: string) =>
      identifiersOf({ type: 'identify', userId: email, traits: { email }, context: {} });
    for (const email of ['zo\u00eb@example.com', ' Zoe\u0308@EXAMPLE.com\u00a0', 'ZO\u00cb@example.COM'])
      expect(named(email)).toEqual([`user_id:${email}`, 'email:zo\u00eb@example.com']);
  });

  it('writes each as its namespace wants it, also user ids and those of other names', () => {
    const lower = normaliser(['trim', 'lowercase']);
    const call: Named = {
      type: 'identify',
      userId: ' ANN ',
      anonymousId: ' A ',
      context: {
        externalIds: [
          { type: 'crm', id: ' C9 ' },
          { type: 'user_id', id: 'Ann' },
        ],
      },
    };
    const flags: Flag[] = [];
    const naming = { normaliserOf: (namespace: string) => (namespace === 'anonymous_id' ? String : lower) };
    expect(found(call, naming, flags)).toEqual(['user_id:ann', 'anonymous_id: A ', 'crm:c9']);
    expect(flags).toEqual([{ code: 'surrounding_space', field: 'anonymousId' }]);
  });

  it('takes nothing of which nothing is left for no id at all', () => {
    const flags: Flag[] = [];
    const call: Named = { type: 'identify', userId: 'u1', traits: { email: ' \t ', phone: '' }, context: {} };
    expect(found(call, { normaliserOf: usualNormaliserOf }, flags)).toEqual(['user_id:u1']);
    expect(flags).toEqual([]);
  });
});
