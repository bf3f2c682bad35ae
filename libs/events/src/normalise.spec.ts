import { describe, expect, it } from '@jest/globals';
import { batchContextOf } from './batch-context.js';
import type { Event } from './event.js';
import { normalise, type CallContext } from './normalise.js';

const receivedAt = Date.parse('2026-01-02T03:04:05.678Z');
const server: CallContext = { workspaceId: 'w', sourceId: 's', receivedAt, newMessageId: () => 'made' };
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
    expect(codes(filled(32_000), { batchContext: { fields: {}, bytes: 1_000 } })).toEqual([
      'event_too_large',
    ]);
  });

  it('refuses a call that is nested too deep instead of running out of stack', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(codes({ ...track, properties: { deep } })).toEqual(['nested_too_deep']);
  });
});
