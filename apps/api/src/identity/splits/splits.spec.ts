import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { splitId } from '@tributary/contracts';
import { toInstant } from '@tributary/kernel';
import { RunningIdentity } from '../../../test/running-identity.fixture.js';
import type { ShownSplit, SplitPageDto } from './split.dto.js';
import type { Value } from '../../http/dto.js';

const identity = new RunningIdentity();
const path = (a: string, b: string) => `/splits/${encodeURIComponent(a)}/${encodeURIComponent(b)}`;
const ask = (method: string, a: string, b: string, body?: object, headers: Record<string, string> = {}) =>
  identity.ask<ShownSplit>(method, path(a, b), body, { headers });

beforeAll(async () => {
  await identity.start();
});

afterAll(async () => {
  await identity.stop();
});

describe('a split', () => {
  const [ann, url] = ['user_id:ann', 'crm:https://crm.example/ann?x=1&y=ü 😀'];

  it('is created once, whichever of the two is said first', async () => {
    const created = await ask('PUT', ann, url, { reason: 'ticket 1' });
    expect(created).toMatchObject({
      status: 201,
      etag: `"${created.body.version}"`,
      body: { a: url, b: ann, apart: true, reason: 'ticket 1' },
    });
    expect(await ask('PUT', url, ann, { reason: 'ticket 1' })).toEqual({ ...created, status: 200 });
    expect(await ask('GET', url, ann)).toEqual({ ...created, status: 200 });
    const reworded = await ask('PUT', url, ann);
    expect(reworded.status).toBe(200);
    expect(reworded.body).not.toHaveProperty('reason');
    expect(reworded.body).toMatchObject({ createdAt: created.body.createdAt });
    expect(reworded.body.version).toBeGreaterThan(created.body.version);
  });

  it('is removed by a record that says so, and put in force again', async () => {
    const { etag, body } = await ask('PUT', 'a:1', 'b:1', { reason: 'r' });
    expect((await ask('DELETE', 'b:1', 'a:1', undefined, { 'if-match': '"99"' })).status).toBe(412);
    expect((await ask('DELETE', 'b:1', 'a:1', undefined, { 'if-match': etag })).status).toBe(204);
    expect((await identity.splits.find(splitId('a:1', 'b:1')))?.value).toMatchObject({
      apart: false,
      reason: 'r',
    });
    expect((await ask('GET', 'a:1', 'b:1')).body).toMatchObject({ apart: false, createdAt: body.createdAt });
    expect(await ask('DELETE', 'a:1', 'b:1')).toMatchObject({
      status: 404,
      body: { error: { code: 'split_not_found' } },
    });
    expect((await ask('PUT', 'a:1', 'b:1')).status).toBe(201);
  });

  it('is between the identifiers as events have them, however they are written', async () => {
    const created = await ask('PUT', 'email:Split@Example.COM', 'phone:+49 30 901820');
    expect(created.body).toMatchObject({ a: 'email:split@example.com', b: 'phone:+4930901820' });
    expect((await ask('GET', 'phone:+49 (30) 901820', 'email:split@example.com')).body).toEqual(created.body);
    expect((await ask('DELETE', 'email: SPLIT@example.com', 'phone:+4930901820')).status).toBe(204);
  });

  it('that was never made is not there', async () => {
    for (const method of ['GET', 'DELETE']) {
      expect(await ask(method, 'a:1', 'b:none')).toMatchObject({
        status: 404,
        body: { error: { code: 'split_not_found' } },
      });
    }
    expect((await ask('PUT', 'a:1', 'b:none', {}, { 'if-match': '"1"' })).status).toBe(412);
    const onlyNew = { 'if-none-match': '*' };
    expect((await ask('PUT', 'a:1', 'b:once', {}, onlyNew)).status).toBe(201);
    expect((await ask('PUT', 'a:1', 'b:once', { reason: 'again' }, onlyNew)).status).toBe(412);
    await ask('DELETE', 'a:1', 'b:once');
  });

  it.each([
    ['ann', 'b:1', 'a'],
    ['a:1', ':1', 'b'],
    ['a:1', 'b b:1', 'b'],
    ['a:1', 'a:1', 'b'],
    ['a:1', `b:${'x'.repeat(513)}`, 'b'],
  ])('between %s and %s is refused', async (a, b, field) => {
    const answer = await ask('PUT', a, b);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', details: [{ field }] } },
    });
  });

  it('is refused with a reason that is none', async () => {
    expect((await ask('PUT', 'a:1', 'b:9', { reason: 'x'.repeat(501) })).status).toBe(400);
    expect((await ask('PUT', 'a:1', 'b:9', { because: 'x' })).status).toBe(400);
  });

  it('is refused where as many as may be name one of the two', async () => {
    const now = toInstant(0);
    const base = { workspaceId: identity.workspace, apart: true, createdAt: now, updatedAt: now };
    const many = Array.from({ length: 1_000 }, (_, i) => `z:${i}`);
    await identity.splits.putAll(
      new Map(many.map((other) => [splitId('m:any', other), { ...base, a: 'm:any', b: other }])),
    );
    expect(await ask('PUT', 'a:1', 'm:any')).toMatchObject({
      status: 409,
      body: { error: { code: 'too_many_splits', details: { identifier: 'm:any', splits: 1_000 } } },
    });
    expect((await ask('PUT', 'm:any', 'z:7')).status).toBe(200);
    expect((await ask('DELETE', 'm:any', 'z:7')).status).toBe(204);
    expect((await ask('PUT', 'a:1', 'm:any')).status).toBe(201);
    await identity.splits.removeAll(many.map((other) => splitId('m:any', other)));
  });
});

describe('splits', () => {
  const listed = async (query: string) => {
    const pairs: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await identity.ask<Value<typeof SplitPageDto>>(
        'GET',
        `/splits?limit=2${query}${cursor}`,
      );
      pairs.push(...body.data.map(({ a, b, apart }) => `${a} ${b} ${apart}`));
      if (body.cursor.next === null) return pairs;
      cursor = `&cursor=${body.cursor.next}`;
    }
  };

  it('are listed page by page, those in force unless others are asked for', async () => {
    for (const n of [3, 1, 2]) await ask('PUT', `l:${n}`, 'l:supernode');
    await ask('DELETE', 'l:2', 'l:supernode');
    const inForce = ['l:1 l:supernode true', 'l:3 l:supernode true'];
    expect(await listed('&identifier=l:supernode')).toEqual(inForce);
    expect((await listed('')).filter((pair) => pair.includes('l:supernode'))).toEqual(inForce);
    expect(await listed('&identifier=l:supernode&apart=false')).toEqual(['l:2 l:supernode false']);
    expect(await listed('&identifier=l:supernode&apart=all')).toHaveLength(3);
    expect(await listed('&identifier=l:2')).toEqual([]);
  });

  it.each(['apart=maybe', 'identifier=ann', 'cursor=!', 'limit=0'])('refuse the list %s', async (query) => {
    expect((await identity.ask('GET', `/splits?${query}`)).status).toBe(400);
  });
});
