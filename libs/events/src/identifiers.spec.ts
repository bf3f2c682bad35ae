import { describe, expect, it } from '@jest/globals';
import type { Flag } from './flags.js';
import { identifiersOf as found, type Named } from './identifiers.js';
import { usualNormaliserOf } from '../test/naming.fixture.js';
import { namespaceReader, normaliser } from './normaliser.js';

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

  it('takes the previous id of an alias for an anonymous id, and for a user id where a person may have two', () => {
    const alias = { type: 'alias', userId: 'u1', anonymousId: 'a1', context: {} } as const;
    const fromServer = { type: 'alias', userId: 'u1', previousId: 'a1', context: {} } as const;
    expect(identifiersOf({ ...alias, previousId: 'u0' })).toEqual([
      'user_id:u1',
      'anonymous_id:a1',
      'anonymous_id:u0',
    ]);
    expect(identifiersOf({ ...alias, previousId: 'a1' })).toEqual(['user_id:u1', 'anonymous_id:a1']);
    expect(identifiersOf(fromServer)).toEqual(['user_id:u1', 'anonymous_id:a1']);
    expect(identifiersOf({ ...alias, previousId: 'u1' })).toEqual(['user_id:u1', 'anonymous_id:a1']);
    const two = namespaceReader({ normalise: [], limit: 2 });
    expect(found({ ...fromServer, previousId: 'u0' }, { normaliserOf: () => two })).toEqual([
      'user_id:u1',
      'anonymous_id:u0',
      'user_id:u0',
    ]);
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

describe('what is no identifier', () => {
  const rules = (namespace: string) =>
    namespaceReader({
      normalise: namespace === 'email' ? ['trim', 'lowercase'] : ['trim'],
      limit: namespace === 'email' ? 2 : 1,
      format: namespace === 'email' || namespace === 'phone' ? namespace : undefined,
    });
  const flagsOf = (call: Partial<Named>) => {
    const flags: Flag[] = [];
    const identifiers = found(
      { type: 'identify', userId: 'u1', context: {}, ...call },
      { normaliserOf: rules },
      flags,
    );
    return { identifiers: identifiers.slice(1), flags: flags.map(({ code, field }) => `${code} ${field}`) };
  };

  it.each([
    ...['(null)', '<nil>', 'N/A', 'n/a', 'Unknown', '{{user_id}}', '${userId}', '<%= id %>', '%%ID%%'],
    ...['[object Object]', '[object Undefined]', 'limited', '0000-0000', 'ffffffff-ffff-ffff', '" null "'],
  ])('%s names nobody', (value) => {
    expect(flagsOf({ anonymousId: value })).toEqual({
      identifiers: [],
      flags: ['blocked_value anonymousId'],
    });
  });

  it.each([
    'unknown-1',
    'f3f3f3f3f3',
    '{3F2504E0-4F89-11D3-9A0C-0305E82C3301}',
    'nullbock',
    '11111112',
    'aaaaaaa',
  ])('%s may name somebody', (value) => {
    expect(flagsOf({ anonymousId: value })).toEqual({ identifiers: [`anonymous_id:${value}`], flags: [] });
  });

  it('are e-mail addresses and phone numbers that are none', () => {
    expect(flagsOf({ traits: { email: 'not-an-email', phone: 'call me' } })).toEqual({
      identifiers: [],
      flags: ['not_an_email traits.email', 'not_a_phone traits.phone'],
    });
    expect(flagsOf({ traits: { email: 7, phone: '+41 44' } })).toEqual({
      identifiers: [],
      flags: ['not_an_email traits.email', 'not_a_phone traits.phone'],
    });
  });

  it('are not those that are written in their usual ways', () => {
    expect(
      flagsOf({ traits: { email: ' Zoë.O’Neil@Example.com ', phone: '+41 (0)44 668 18 00' } }).identifiers,
    ).toEqual(['email:zoë.o’neil@example.com', 'phone:+41446681800']);
    expect(flagsOf({ traits: { phone: '044/668 18-00' } }).identifiers).toEqual(['phone:0446681800']);
  });

  it.each(['00436601234567', '0043 (0)660 / 1234567', '00 43 660 1234567', '(0043) 660 1234567'])(
    'are not phone numbers with 00 for the plus: %s is that of +43',
    (phone) => {
      expect(flagsOf({ traits: { phone } })).toEqual({ identifiers: ['phone:+436601234567'], flags: [] });
    },
  );

  it('are not phone numbers whose 00 no valid number follows: they are their digits', () => {
    for (const phone of ['0012', '000436601234567', '009991234567'])
      expect(flagsOf({ traits: { phone } }).identifiers).toEqual([`phone:${phone}`]);
    expect(flagsOf({ traits: { phone: '0043 660 1234567 ext. 5' } }).flags).toEqual([
      'not_a_phone traits.phone',
    ]);
  });

  it('are entries of externalIds that have no namespace or no id', () => {
    const externalIds = [
      { type: 'my crm', id: 'c1' },
      { type: 'a:b', id: 'c2' },
      { id: 'c3' },
      { type: 'crm' },
      { type: 'account', id: 'x', collection: 'accounts' },
      { type: 'crm', id: 'c4' },
    ];
    expect(flagsOf({ context: { externalIds } })).toEqual({
      identifiers: ['crm:c4'],
      flags: [
        'invalid_external_id context.externalIds.0',
        'invalid_external_id context.externalIds.1',
        'invalid_external_id context.externalIds.2',
        'invalid_external_id context.externalIds.3.id',
      ],
    });
  });

  it('says where identity refuses a link for the limit of the namespace', () => {
    const externalIds = ['b', 'c'].map((name) => ({ type: 'email', id: `${name}@x.example` }));
    expect(flagsOf({ traits: { email: 'a@x.example' }, context: { externalIds } })).toEqual({
      identifiers: ['email:a@x.example', 'email:b@x.example', 'email:c@x.example'],
      flags: ['link_refused context.externalIds.1.id'],
    });
  });
});
