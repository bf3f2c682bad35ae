import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profileIdOf } from '@tributary/kernel';
import { readSettings, startService, type RunningService } from '@tributary/service';
import { api } from './api.js';
import { API_SETTINGS } from './api.config.js';
import { ANN, PHONE, catalog, memberIds, InMemoryApiModule } from './in-memory-api.fixture.js';

const QUERY = "event('Shoes Bought').where(property('price') >= 100).within(7 days).count() >= 1";
let service: RunningService;

beforeAll(async () => {
  const settings = readSettings(API_SETTINGS, {
    KAFKA_BROKERS: '127.0.0.1:1',
    CLICKHOUSE_URL: 'http://127.0.0.1:1',
    API_PORT: '0',
    LOG_LEVEL: 'silent',
  });
  if (!settings.ok) throw new Error(settings.error.join('; '));
  service = await startService({ ...api, module: () => InMemoryApiModule }, settings.value);
});

afterAll(async () => {
  await service.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${service.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      authorization: 'Bearer dev-api-token',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text !== '' ? JSON.parse(text) : text,
  };
}

describe('who may ask', () => {
  it.each([
    ['no token', '', 401],
    ['another token', 'Bearer other', 401],
    ['the token as bearer', 'Bearer dev-api-token', 200],
    ['the token as user', `Basic ${btoa('dev-api-token:')}`, 200],
    ['the token as password', `Basic ${btoa(':dev-api-token')}`, 401],
    ['a scheme of its own', 'Token dev-api-token', 401],
  ])('with %s ("%s") is answered %i', async (_, authorization, status) => {
    const answer = await ask('GET', '/v1/audiences', undefined, { authorization });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.body).toMatchObject({ error: { code: 'unauthorized' } });
  });

  it('is everybody for health, metrics and documents', async () => {
    for (const path of [
      '/health/live',
      '/metrics',
      '/openapi.json',
      '/docs',
      '/docs/assets/swagger-ui.css',
    ]) {
      expect([path, (await ask('GET', path, undefined, { authorization: '' })).status]).toEqual([path, 200]);
    }
  });
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
      state: 'live',
      size: 3,
      warnings: [{ code: 'events_before_are_not_counted', condition: QUERY }],
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

  it('warn where a condition of absence does not know what came before', async () => {
    const query = "event('Order Completed').count() = 0";
    const warnings = [{ code: 'absence_is_not_known', condition: query }];
    const put = await ask('PUT', '/v1/audiences/never-ordered', { name: 'Never ordered', query });
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

  it('announce their leaves', async () => {
    await ask('PUT', '/v1/audiences/announced', { name: 'A', query: QUERY });
    expect(catalog.announced).toContainEqual(expect.objectContaining({ name: 'Shoes Bought', keep: 1 }));
  });

  it('are not made under a version that is not there', async () => {
    const answer = await ask('PUT', '/v1/audiences/none', { name: 'A', query: QUERY }, { 'if-match': '"1"' });
    expect(answer).toMatchObject({ status: 412, body: { error: { code: 'precondition_failed' } } });
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
      'definition.kind: expected one of and, or, not, event, trait, found "xor"',
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

describe('profiles', () => {
  it('are shown by id', async () => {
    expect(await ask('GET', `/v1/profiles/${ANN}`)).toMatchObject({
      status: 200,
      body: { traits: { name: 'Ann' } },
    });
  });

  it('that were merged name the one that holds them, however often', async () => {
    const answer = await ask('GET', `/v1/profiles/${PHONE}`);
    expect(answer.status).toBe(308);
    expect(answer.headers.get('location')).toBe(`/v1/profiles/${ANN}`);
  });

  it('are found by an assigned identifier, and by one that is a profile of its own', async () => {
    const spelt = ['email:Ann@Example.COM', 'email:%20ann@example.com'];
    for (const identifier of ['email:ann@example.com', ...spelt, 'user_id:ann', 'user_id:bob']) {
      expect(await ask('GET', `/v1/profiles?identifier=${identifier}`)).toMatchObject({
        status: 200,
        body: { profileId: ANN },
      });
    }
  });

  it('that are not there are said to be so', async () => {
    const id = profileIdOf('default', 'user_id:nobody');
    for (const path of [`/v1/profiles/${id}`, '/v1/profiles?identifier=user_id:nobody']) {
      expect(await ask('GET', path)).toMatchObject({
        status: 404,
        body: { error: { code: 'profile_not_found', message: 'Profile was not found.' } },
      });
    }
  });

  it.each(['/v1/profiles', '/v1/profiles?identifier=ann', '/v1/profiles/ann'])('refuse %s', async (path) => {
    expect(await ask('GET', path)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  });
});

describe('what is not there', () => {
  it('is answered like every failure', async () => {
    expect(await ask('GET', '/v1/nothing?secret=1')).toMatchObject({
      status: 404,
      body: { error: { code: 'route_not_found', message: 'There is no GET /v1/nothing.' } },
    });
  });

  it('is told to probes in their own shape', async () => {
    service.health.add('broken', () => false);
    expect(await ask('GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { failing: [{ check: 'broken' }] },
    });
  });
});
