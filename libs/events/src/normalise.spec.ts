import { describe, expect, it } from '@jest/globals';
import { batchContextOf } from './batch-context.js';
import type { Event } from './event.js';
import type { Flag } from './flags.js';
import { usualNormaliserOf } from '../test/naming.fixture.js';
import { normalise, type CallContext } from './normalise.js';

const receivedAt = Date.parse('2026-01-02T03:04:05.678Z');
const server: CallContext = {
  workspaceId: 'w',
  sourceId: 's',
  receivedAt,
  sequence: 0,
  normaliserOf: usualNormaliserOf,
  newMessageId: () => 'made',
};
const track = { type: 'track', event: 'Bought', userId: 'u1', messageId: 'm1' };

function accepted(call: unknown, context: Partial<CallContext> = {}): Event {
  const result = normalise(call, { ...server, ...context });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function codes(call: unknown, context: Partial<CallContext> = {}): readonly string[] {
  const result = normalise(call, { ...server, ...context });
  return result.ok ? [] : result.error.map(({ code, field }) => `${code} ${field}`.trim());
}

describe('normalise', () => {
  it('keeps what a call says and adds what the server knows', () => {
    const call = { ...track, properties: { total: 5 }, context: { library: { name: 'x' } } };
    expect(accepted(call)).toEqual({
      ...call,
      workspaceId: 'w',
      sourceId: 's',
      timestamp: '2026-01-02T03:04:05.678Z',
      receivedAt: '2026-01-02T03:04:05.678Z',
      sequence: 0,
      identifiers: ['user_id:u1'],
    });
  });

  it('makes a message id where there is none', () => {
    for (const messageId of [undefined, null, ''])
      expect(accepted({ ...track, messageId }).messageId).toBe('made');
  });

  it('takes numbers as the text of an id', () => {
    const event = accepted({ ...track, userId: 42, anonymousId: 7.5, messageId: 1 });
    expect(event).toMatchObject({ userId: '42', anonymousId: '7.5', messageId: '1' });
    expect(event.identifiers).toEqual(['user_id:42', 'anonymous_id:7.5']);
  });

  it('keeps an id that names nobody in the call and out of the identifiers', () => {
    const event = accepted({ ...track, userId: 'null', anonymousId: 'a1' });
    expect(event.userId).toBe('null');
    expect(event.identifiers).toEqual(['anonymous_id:a1']);
  });

  it("lets a call's own context win over the batch's, field by field", () => {
    const read = batchContextOf({ locale: 'de', app: { name: 'batch' } });
    if (!read.ok || !read.value) throw new Error('unread');
    const event = accepted({ ...track, context: { app: { name: 'own' } } }, { batchContext: read.value });
    expect(event.context).toEqual({ locale: 'de', app: { name: 'own' } });
  });

  it("fills in the device's address and agent only where the call has none", () => {
    const device = { ip: '192.0.2.1', userAgent: 'Mozilla/5.0' };
    expect(accepted(track, device).context).toEqual(device);
    expect(accepted({ ...track, context: { ip: '198.51.100.7' } }, device).context).toEqual({
      ip: '198.51.100.7',
      userAgent: 'Mozilla/5.0',
    });
  });

  it('keeps the category of a page among its properties', () => {
    const page = { type: 'page', userId: 'u', category: 'Shop' };
    expect(accepted(page).properties).toEqual({ category: 'Shop' });
    expect(accepted({ ...page, properties: { a: 1, category: 'Own' } }).properties).toEqual({
      a: 1,
      category: 'Own',
    });
    expect(accepted({ ...page, type: 'track', event: 'E' }).properties).toBeUndefined();
  });

  it('drops keys named __proto__ at any depth', () => {
    const call: unknown = JSON.parse(
      '{"type":"track","event":"e","userId":"u","properties":{"a":[{"__proto__":{"x":1},"b":2}],"__proto__":3}}',
    );
    expect(JSON.stringify(accepted(call))).not.toContain('__proto__');
    expect(accepted(call).properties).toEqual({ a: [{ b: 2 }] });
  });

  it('names every reason at once', () => {
    expect(
      codes({ type: 'track', properties: 'x', timestamp: 'yesterday', messageId: 'm'.repeat(101) }),
    ).toEqual([
      'message_id_too_long messageId',
      'invalid_field properties',
      'invalid_timestamp timestamp',
      'missing_event_name event',
      'no_identifier anonymousId',
    ]);
  });

  it('names what each call lacks', () => {
    const ann = { userId: 'ann' };
    expect(codes({ type: 'group', ...ann })).toEqual(['missing_group_id groupId']);
    expect(codes({ type: 'alias', ...ann })).toEqual(['missing_previous_id previousId']);
    expect(codes({ type: 'alias', previousId: 'a' })).toEqual(['missing_user_id userId']);
    expect(codes({ type: 'identify', userId: '[object Object]' })).toEqual(['no_identifier userId']);
    expect(codes({ type: 'identify', userId: { id: 1 }, anonymousId: 'a' })).toEqual([
      'invalid_field userId',
    ]);
    expect(codes({ type: 'trak', ...ann })).toEqual(['unknown_type type']);
    expect(codes({ type: 'identify', userId: 'x'.repeat(513) })).toEqual(['identifier_too_long userId']);
    for (const call of [null, 1, 'x', [], true]) expect(codes(call)).toEqual(['not_an_object']);
    for (const type of ['identify', 'page', 'screen']) expect(codes({ type, ...ann })).toEqual([]);
  });

  it('refuses a call over 32 KB, in bytes and with what the batch adds', () => {
    const filled = (n: number, letter = 'x') => ({ ...track, properties: { filling: letter.repeat(n) } });
    expect(codes(filled(32_000))).toEqual([]);
    expect(codes(filled(33_000))).toEqual(['event_too_large']);
    expect(codes(filled(17_000, 'é'))).toEqual(['event_too_large']);
    expect(codes(filled(32_000), { batchContext: { fields: {}, bytes: 1_000, flags: [] } })).toEqual([
      'event_too_large',
    ]);
  });

  it('refuses a call that is nested too deep instead of running out of stack', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(codes({ ...track, properties: { deep } })).toEqual(['nested_too_deep']);
  });
});

const flagsOf = (event: Event) => (event.context.tributary as { flags?: unknown } | undefined)?.flags;
const flag = (code: string, field: string) => ({ code, field });

describe('what is wrong with a field', () => {
  const messageOf = (more: object) => {
    const result = normalise({ ...track, ...more }, server);
    return result.ok ? [] : result.error.map(({ field, message }) => `${field}: ${message}`);
  };

  it.each([true, {}, []])('of an id that is %j is that it is neither text nor a number', (userId) => {
    expect(messageOf({ userId })).toContain('userId: expected text or a number');
  });

  const exists = 'timestamp: expected an instant that there is, such as 2026-01-02T03:04:05.678Z';
  const reads = 'timestamp: cannot be read as a time; expected ISO 8601 such as 2026-11-28T10:00:00Z';
  it.each([
    ['24.12.2025', reads],
    ['12/24/2025', reads],
    ['tomorrow', reads],
    [true, reads],
    [7, reads],
    ['2026-02-30T00:00:00Z', exists],
    ['2026-01-02T25:00:00Z', exists],
    ['20260230T000000Z', exists],
    ['Fri, 30 Feb 2026 03:04:05 GMT', exists],
    ['Mon Feb 30 2026 03:04:05 GMT+0000', exists],
  ])('of the time %j is whether it can be read, or is none that there is', (timestamp, message) => {
    expect(messageOf({ timestamp })).toEqual([message]);
  });
});

describe('what looks wrong and is kept', () => {
  it('is nothing in an ordinary call', () => {
    expect(accepted({ ...track, userId: 'Ann Ä 7' }).context).toEqual({});
  });

  it.each([
    [{ anonymousId: 'a1', userId: 'null' }, [flag('blocked_value', 'userId')]],
    [{ userId: 'u\u0000' }, [flag('control_character', 'userId')]],
    [{ userId: ' u1' }, [flag('surrounding_space', 'userId')]],
    [{ userId: 'u\ud800' }, [flag('lone_surrogate', 'userId')]],
    [{ userId: 'Zoe\u0308' }, [flag('not_normalised', 'userId')]],
    [{ groupId: ' g' }, [flag('surrounding_space', 'groupId')]],
    [{ event: ' Order Completed ' }, [flag('surrounding_space', 'event')]],
    [{ event: 'Order Completed\u00a0' }, [flag('surrounding_space', 'event')]],
    [{ sentAt: 'never' }, [flag('unreadable_time', 'sentAt')]],
    [{ timestamp: '2027-01-01T00:00:00Z' }, [flag('time_in_future', 'timestamp')]],
    [{ traits: { email: 'null' } }, [flag('blocked_value', 'traits.email')]],
    [{ anonymousId: 'x'.repeat(10_000) }, [flag('identifier_too_long', 'anonymousId')]],
    [
      { context: { externalIds: [{ type: 'crm', id: 'x'.repeat(600) }] } },
      [flag('identifier_too_long', 'context.externalIds.0.id')],
    ],
  ])('%j is flagged', (more, flags) => {
    expect(flagsOf(accepted({ ...track, ...more }))).toEqual(flags);
  });

  it('is left as it came, but for what UTF-8 cannot carry', () => {
    expect(accepted({ ...track, userId: ' u\u0000' }).identifiers).toEqual(['user_id: u\u0000']);
    expect(accepted({ ...track, userId: 'u\ud800' }).identifiers).toEqual(['user_id:u\ufffd']);
  });

  it('is an id of 10 KB, which names nobody while the others of the call do', () => {
    const userId = 'x'.repeat(10_000);
    const event = accepted({ ...track, userId, anonymousId: 'a1', traits: { email: 'ann@example.com' } });
    expect(event.userId).toBe(userId);
    expect(event.identifiers).toEqual(['anonymous_id:a1', 'email:ann@example.com']);
    expect(flagsOf(event)).toEqual([flag('identifier_too_long', 'userId')]);
  });

  it('is no more where it alone would name somebody: the call is refused for it', () => {
    const call = { ...track, userId: 'x'.repeat(10_000), anonymousId: 'null' };
    const flags: Flag[] = [];
    expect(normalise(call, server, flags)).toEqual({
      ok: false,
      error: [
        {
          code: 'identifier_too_long',
          field: 'userId',
          message: 'longer than 512 bytes, and nothing else names somebody',
        },
      ],
    });
    expect(flags).toEqual([flag('identifier_too_long', 'userId'), flag('blocked_value', 'anonymousId')]);
  });

  it('lets no client say what the platform says, and leaves the context of others alone', () => {
    const context = { tributary: { violations: [] }, ip: '203.0.113.7' };
    expect(accepted({ ...track, userId: ' u1', context }).context).toEqual({
      ip: '203.0.113.7',
      tributary: {
        flags: [flag('reserved_field', 'context.tributary'), flag('surrounding_space', 'userId')],
      },
    });
    expect(context).toEqual({ tributary: { violations: [] }, ip: '203.0.113.7' });
  });

  it('is told of more than ten identifiers, and at most twenty times', () => {
    const externalIds = Array.from({ length: 12 }, (_, i) => ({ type: 'crm', id: `c${i}` }));
    expect(flagsOf(accepted({ ...track, context: { externalIds } }))).toEqual([
      flag('too_many_identifiers', ''),
    ]);
    const blocked = Array.from({ length: 30 }, () => ({ type: 'crm', id: 'null' }));
    expect(flagsOf(accepted({ ...track, context: { externalIds: blocked } }))).toHaveLength(20);
  });
});

describe('what a source says of its calls', () => {
  it('makes identifiers of traits and properties, also deeper ones, not of the traits of a group', () => {
    const identifierKeys = {
      traits: { loyalty: 'loyalty_id', 'work.mail': 'email' },
      properties: { 'order.customer': 'customer_id', 'a.b': 'dotted' },
    };
    const properties = { order: { customer: 17 }, 'a.b': 'x' };
    const traits = { loyalty: 'L1', work: { mail: ' Ann@Example.com' } };
    expect(accepted({ ...track, properties, context: { traits } }, { identifierKeys }).identifiers).toEqual([
      'user_id:u1',
      'loyalty_id:L1',
      'email:ann@example.com',
      'customer_id:17',
      'dotted:x',
    ]);
    const group = { type: 'group', groupId: 'g', userId: 'u1', traits };
    expect(accepted(group, { identifierKeys }).identifiers).toEqual(['user_id:u1']);
  });

  it('keeps the times of a file, whenever it was sent', () => {
    const past = { timestamp: '2020-01-01T00:00:00.000Z', sentAt: '2020-01-01T00:00:05.000Z' };
    expect(accepted({ ...track, ...past }, { keepsTime: true })).toMatchObject(past);
  });
});

describe('defaults', () => {
  it('give an identify call without traits those of its context', () => {
    const traits = { plan: 'pro' };
    expect(accepted({ type: 'identify', userId: 'u1', context: { traits } }).traits).toEqual(traits);
    const own = { name: 'Ann' };
    expect(accepted({ type: 'identify', userId: 'u1', traits: own, context: { traits } }).traits).toEqual(
      own,
    );
    expect(accepted({ ...track, context: { traits } }).traits).toBeUndefined();
  });

  it('need no limit of properties beside that of bytes: ten thousand do not fit', () => {
    const properties = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [i.toString(36), 0]));
    expect(codes({ ...track, properties })).toEqual(['event_too_large']);
  });
});
