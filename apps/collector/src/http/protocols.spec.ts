import { describe, expect, it } from '@jest/globals';
import type { IncomingHttpHeaders } from 'node:http';
import { rewriteOf, rewritten } from './protocols.js';
import { ROUTES } from './routes.table.js';

const anonymousid = Buffer.from('visitor-1').toString('base64');

/** The body that the intake gets. */
function taken(path: string, body: unknown, headers: IncomingHttpHeaders = {}): unknown {
  const route = ROUTES.find((one) => one.path === path)!;
  const bytes = Buffer.from(JSON.stringify(body));
  const rewrite = rewriteOf(route, headers);
  return JSON.parse((rewrite ? rewritten(bytes, rewrite) : bytes).toString());
}

describe('a body that is rewritten', () => {
  it('keeps the digits of numbers that no double holds', () => {
    const route = ROUTES.find(({ path }) => path === '/v1/track')!;
    const rewrite = rewriteOf(route, { anonymousid });
    const body = Buffer.from('{"event":"A","properties":{"order_id":820982911946154508}}');
    expect(rewrite && rewritten(body, rewrite).toString()).toContain('820982911946154508');
  });
});

describe('the AnonymousId header', () => {
  it('stands in for the ids of a call that has none', () => {
    expect(taken('/v1/track', { event: 'A', userId: '' }, { anonymousid })).toEqual({
      event: 'A',
      userId: '',
      anonymousId: 'visitor-1',
    });
  });

  it('changes no call that has one', () => {
    for (const ids of [{ userId: 'ann' }, { anonymousId: 'other' }])
      expect(taken('/v1/track', { event: 'A', ...ids }, { anonymousid })).toEqual({ event: 'A', ...ids });
  });

  it('stands in call by call in a batch', () => {
    const batch = [{ event: 'A' }, { event: 'B', userId: 'ann' }, null];
    expect(taken('/beacon/v1/batch', { batch }, { anonymousid })).toEqual({
      batch: [{ event: 'A', anonymousId: 'visitor-1' }, { event: 'B', userId: 'ann' }, null],
    });
  });

  it('counts for nothing where it is not base64 of text', () => {
    for (const header of ['', '/////w==', '    '])
      expect(taken('/v1/track', { event: 'A' }, { anonymousid: header })).toEqual({ event: 'A' });
  });

  it('leaves the bytes alone where nothing is to be changed, and where they are no JSON object', () => {
    const rewrite = rewriteOf(
      ROUTES.find(({ path }) => path === '/v1/batch')!,
      { anonymousid },
    )!;
    for (const text of ['{ "batch" : [ {"userId":"u"} ] }', '{ "batch" : 1 }', '[', '[ 1 ]', 'null', '']) {
      const body = Buffer.from(text);
      expect(rewritten(body, rewrite)).toBe(body);
    }
  });
});

describe('a merge', () => {
  it('is an identify call with all of its identifiers', () => {
    const mergeProperties = [
      { type: 'email', value: 'ann@example.com' },
      { type: 'userId', value: 'ann' },
      { type: 'mobile', value: '+49 30 1' },
    ];
    expect(taken('/v1/merge', { mergeProperties, messageId: 'm1' })).toEqual({
      type: 'identify',
      messageId: 'm1',
      userId: 'ann',
      context: {
        externalIds: [
          { type: 'email', id: 'ann@example.com', collection: 'users', encoding: 'none' },
          { type: 'mobile', id: '+49 30 1', collection: 'users', encoding: 'none' },
        ],
      },
    });
  });

  it('of two user ids keeps both', () => {
    const mergeProperties = ['u1', 'u2'].map((value) => ({ type: 'user_id', value }));
    expect(taken('/v1/merge', { mergeProperties })).toMatchObject({
      userId: 'u1',
      context: { externalIds: [{ type: 'user_id', id: 'u2' }] },
    });
  });

  it('without identifiers has none', () => {
    for (const mergeProperties of [undefined, 1, [], [null, { value: 'x' }]])
      expect(taken('/v1/merge', { mergeProperties })).toEqual({
        type: 'identify',
        context: { externalIds: [] },
      });
  });
});
