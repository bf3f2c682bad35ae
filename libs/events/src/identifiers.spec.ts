import { describe, expect, it } from '@jest/globals';
import { identifiersOf } from './identifiers.js';

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
});
