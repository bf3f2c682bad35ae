import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profileIdOf } from '@tributary/kernel';
import { RunningApi } from '../../test/running-api.fixture.js';

const QUERY = "event('Shoes Bought').where(property('price') >= 100).within(7 days).count() >= 1";
const api = new RunningApi();
const ask = api.ask.bind(api);
const memberIds = ['ann', 'bob', 'eve'].map((name) => profileIdOf(api.workspace, `user_id:${name}`)).sort();

beforeAll(async () => {
  await api.start();
  const member = { audience_key: 'buyers', since: '2026-01-02T03:04:05.678Z', identifiers: [] };
  await api.insert(
    'current_memberships',
    memberIds.map((profile_id) => ({ ...member, profile_id })),
  );
});

afterAll(async () => {
  await api.stop();
});

describe('audiences', () => {
  it('are created, shown, replaced and removed', async () => {
    const created = await ask('PUT', '/v1/audiences/buyers', { name: 'Buyers', query: `  ${QUERY} ` });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      key: 'buyers',
      name: 'Buyers',
      query: QUERY,
      definition: { kind: 'event', name: 'Shoes Bought' },
      ...{ state: 'live', progress: 1 },
      size: 3,
      warnings: [],
    });
    const etag = created.headers.get('etag') ?? '';
    const shown = await ask('GET', '/v1/audiences/buyers');
    expect(shown.headers.get('etag')).toBe(etag);
    expect(shown.body).toEqual(created.body);

    const replaced = await ask(
      'PUT',
      '/v1/audiences/buyers',
      { name: 'All buyers', query: QUERY },
      { 'if-match': etag },
    );
    expect(replaced.status).toBe(200);
    expect(replaced.body).toMatchObject({ name: 'All buyers' });

    const stale = await ask('DELETE', '/v1/audiences/buyers', undefined, { 'if-match': etag });
    expect(stale.status).toBe(412);
    expect(stale.body).toMatchObject({ error: { code: 'precondition_failed' } });
    const current = replaced.headers.get('etag') ?? '';
    expect((await ask('DELETE', '/v1/audiences/buyers', undefined, { 'if-match': current })).status).toBe(
      204,
    );
    expect(await ask('GET', '/v1/audiences/buyers')).toMatchObject({
      status: 404,
      body: { error: { code: 'audience_not_found', message: 'Audience was not found.' } },
    });
  });

  it('warn where a condition is true of everybody', async () => {
    const query = "event('Order Completed').count() >= 0";
    const warnings = [{ code: 'always_true', condition: query }];
    const put = await ask('PUT', '/v1/audiences/never-ordered', { name: 'Whoever ordered', query });
    expect(put.body).toMatchObject({ warnings });
    expect((await ask('GET', '/v1/audiences')).body).toMatchObject({
      data: expect.arrayContaining([
        expect.objectContaining({
          key: 'never-ordered',
          warnings: [expect.objectContaining(warnings[0] ?? {})],
        }),
      ]) as unknown,
    });
  });

  it('keep their version when what is put is what is there', async () => {
    const body = { name: 'Same', definition: { kind: 'trait', name: 'plan', comparison: { op: 'exists' } } };
    const first = await ask('PUT', '/v1/audiences/same', body);
    const again = await ask('PUT', '/v1/audiences/same', { name: 'Same', query: "trait('plan').exists()" });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
  });

  it('are not made under a version that is not there', async () => {
    const answer = await ask('PUT', '/v1/audiences/none', { name: 'A', query: QUERY }, { 'if-match': '"1"' });
    expect(answer).toMatchObject({ status: 412, body: { error: { code: 'precondition_failed' } } });
  });

  it('are created only, where If-None-Match asks for that', async () => {
    const body = { name: 'Once', query: QUERY };
    const put = (name: string, ifNoneMatch: string) =>
      ask('PUT', '/v1/audiences/once', { ...body, name }, { 'if-none-match': ifNoneMatch });
    const created = await put('Once', '*');
    expect(created.status).toBe(201);
    const etag = created.headers.get('etag') ?? '';
    for (const header of ['*', etag, `W/${etag}`, `"x", ${etag}`]) {
      expect(await put('Twice', header)).toMatchObject({
        status: 412,
        body: { error: { code: 'precondition_failed' } },
      });
    }
    expect((await ask('GET', '/v1/audiences/once')).body).toMatchObject({ name: 'Once' });
    expect(await put('Twice', 'any')).toMatchObject({ status: 400 });
    expect(await put('Twice', '"other"')).toMatchObject({ status: 200, body: { name: 'Twice' } });
  });

  it.each([
    [
      { name: 'A', query: "event('A').cuont() >= 1" },
      'invalid_query',
      'line 1, column 12: unknown reducer "cuont"; did you mean "count"?',
    ],
    [
      { name: 'A', definition: { kind: 'xor' } },
      'invalid_query',
      'definition.kind: expected one of and, or, not, event, trait, value, random, audience, found "xor"',
    ],
    [
      {
        name: 'A',
        definition: {
          ...{ kind: 'event', call: 'track', name: 'A', within: '30 days', wheer: {} },
          count: { op: '>=', value: 1 },
        },
      },
      'invalid_query',
      'definition.within: there is no such member here; did you mean withinMs?; definition.wheer: ',
    ],
    [{ name: 'A' }, 'invalid_request', 'query is missing: send either query or definition'],
    [{}, 'invalid_request', 'name must be a text; query is missing: send either query or definition'],
    [{ name: 'A', query: null }, 'invalid_request', 'query must be a text'],
    [{ name: 'A', query: QUERY, description: null }, 'invalid_request', 'description must be'],
    [{ name: 'A', query: QUERY, definition: {} }, 'invalid_request', 'Send either query or definition.'],
    [{ name: '  ', query: QUERY }, 'invalid_request', 'name must be more than blanks'],
    ['[]', 'invalid_request', 'The body must be a JSON object, found an array.'],
    ['null', 'invalid_request', 'The body must be a JSON object, found null.'],
    ['""', 'invalid_request', 'The body must be a JSON object, found an empty text.'],
    [{ query: QUERY }, 'invalid_request', 'name must be'],
    [{ name: 'A', qery: QUERY }, 'invalid_request', 'qery is no field here; did you mean query?'],
    [
      { name: 'A', query: QUERY, sieze: 1 },
      'invalid_request',
      'sieze is no field here; known are name, description, query, definition',
    ],
    ['{"name":', 'invalid_request', 'JSON'],
  ])('refuse %j as %s', async (body, code, message) => {
    const answer = await ask('PUT', '/v1/audiences/bad', body);
    expect(answer.body).toMatchObject({ error: { code } });
    expect((answer.body as { error: { message: string } }).error.message).toContain(message);
  });

  it('refuse keys that are none', async () => {
    const answer = await ask('PUT', '/v1/audiences/No%20Key', { name: 'A', query: QUERY });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', details: [{ field: 'key' }] } },
    });
  });

  it('are listed page by page in the order of their keys', async () => {
    for (const key of ['l3', 'l1', 'l2'])
      await ask('PUT', `/v1/audiences/${key}`, { name: key, query: QUERY });
    const keys: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await ask('GET', `/v1/audiences?limit=2${cursor}`);
      const page = body as { data: { key: string }[]; cursor: { next: string | null; hasMore: boolean } };
      keys.push(...page.data.map(({ key }) => key));
      if (!page.cursor.hasMore) break;
      cursor = `&cursor=${page.cursor.next}`;
    }
    expect(keys).toEqual([...keys].sort());
    expect(keys).toEqual(expect.arrayContaining(['l1', 'l2', 'l3']));
  });

  it('show their members page by page', async () => {
    await ask('PUT', '/v1/audiences/buyers', { name: 'Buyers', query: QUERY });
    const first = (await ask('GET', '/v1/audiences/buyers/members?limit=2')).body as {
      data: { profileId: string }[];
      cursor: { next: string };
    };
    expect(first.data.map(({ profileId }) => profileId)).toEqual(memberIds.slice(0, 2));
    expect(
      (await ask('GET', `/v1/audiences/buyers/members?limit=2&cursor=${first.cursor.next}`)).body,
    ).toMatchObject({
      data: [{ profileId: memberIds[2] }],
      cursor: { next: null, hasMore: false },
    });
  });

  it('take no cursor of another list', async () => {
    for (const key of ['buyers', 'lookers']) {
      await ask('PUT', `/v1/audiences/${key}`, { name: key, query: QUERY });
    }
    const nextOf = async (path: string) =>
      ((await ask('GET', `${path}?limit=1`)).body as { cursor: { next: string } }).cursor.next;
    const ofAudiences = await nextOf('/v1/audiences');
    const ofMembers = await nextOf('/v1/audiences/buyers/members');
    for (const path of [
      `/v1/audiences?cursor=${ofMembers}`,
      `/v1/audiences/buyers/members?cursor=${ofAudiences}`,
      `/v1/audiences/lookers/members?cursor=${ofMembers}`,
      `/v1/audiences?cursor=${Buffer.from('a').toString('base64url')}`,
    ]) {
      expect(await ask('GET', path)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request', details: [{ field: 'cursor' }] } },
      });
    }
    expect((await ask('GET', `/v1/audiences?cursor=${ofAudiences}`)).status).toBe(200);
  });

  it('say one thing of a limit that is no number', async () => {
    expect(await ask('GET', '/v1/audiences?limit=abc')).toMatchObject({
      body: {
        error: { message: 'limit must be a whole number from 1 to 1000', details: [{ field: 'limit' }] },
      },
    });
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'cursor=!', 'page=2'])('refuse the page %s', async (query) => {
    expect(await ask('GET', `/v1/audiences?${query}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  });
});

describe('audiences that name one another, and computed traits', () => {
  const put = (path: string, query: string) => ask('PUT', `/v1/${path}`, { name: 'x', query });
  const refusal = async (path: string, query: string) => {
    const { status, body } = await put(path, query);
    const { code, message } = (body as { error: { code: string; message: string } }).error;
    return `${status} ${code} ${message}`;
  };

  it('keep what they name, in the text and in the tree', async () => {
    await put('audiences/spent', "event('Order Completed').sum(property('revenue')) > 500");
    await put('traits/revenue', "event('Order Completed').sum(property('revenue'))");
    const query = "NOT (audience('spent')) AND trait('revenue') > 2";
    expect(await put('audiences/named', query)).toMatchObject({
      status: 201,
      body: {
        ...{ query, state: 'live', grainMs: null },
        definition: { operands: [{ operand: { kind: 'audience', key: 'spent' } }, { kind: 'trait' }] },
      },
    });
  });

  it('say how exact their windows are', async () => {
    const query = "event('Order Completed').within(30 days).sum(property('revenue')) > 500";
    expect((await put('audiences/lately', query)).body).toMatchObject({ grainMs: 1_800_000 });
  });

  it('keep what they name from being removed', async () => {
    expect(await ask('DELETE', '/v1/audiences/spent')).toMatchObject({
      status: 409,
      body: { error: { code: 'audience_in_use', details: { audiences: ['named'] } } },
    });
    expect(await ask('DELETE', '/v1/traits/revenue')).toMatchObject({
      status: 409,
      body: { error: { code: 'trait_in_use', details: { audiences: ['named'] } } },
    });
    expect(await refusal('traits/revenue', "trait('other').score(5)")).toMatch(/^400 invalid_query /);
    await put('traits/other', "event('A').count()");
    expect(await refusal('traits/revenue', "trait('other').score(5)")).toContain(
      'the audience "named" reads this trait: "revenue" is a score, which an audience cannot read yet',
    );
    const ofAccounts = { name: 'x', query: "event('A').count()", of: 'accounts' };
    expect(await ask('PUT', '/v1/traits/revenue', ofAccounts)).toMatchObject({ status: 400 });
  });

  it('are refused with the place of what is not there, or comes back to them', async () => {
    expect(await refusal('audiences/a', "trait('plan') = 'pro' AND\n  audience('spend')")).toBe(
      '400 invalid_query line 2, column 3: there is no audience "spend"; did you mean "spent"?',
    );
    expect(await refusal('audiences/spent', "audience('named')")).toBe(
      '400 invalid_query line 1, column 1: an audience cannot be made of itself: "spent" → "named" → "spent"',
    );
    const definition = { kind: 'not', operand: { kind: 'audience', key: 'zzz' } };
    expect(await ask('PUT', '/v1/audiences/a', { name: 'x', definition })).toMatchObject({
      body: { error: { details: [{ field: 'definition.operand' }] } },
    });
  });

  it('are restored only where what they name is there', async () => {
    await ask('DELETE', '/v1/audiences/named');
    expect((await ask('DELETE', '/v1/audiences/spent')).status).toBe(204);
    expect(await ask('POST', '/v1/audiences/named/versions/1/restore')).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_query' } },
    });
  });
});
