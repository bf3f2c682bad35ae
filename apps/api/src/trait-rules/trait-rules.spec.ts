import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '../../test/running-api.fixture.js';

const api = new RunningApi();
const ask = api.ask.bind(api);

beforeAll(() => api.start({ QUOTA_TRAIT_RULES: '3' }));
afterAll(() => api.stop());

describe('rules of traits', () => {
  it('are created, shown, replaced, restored and removed, whatever the name of the trait', async () => {
    const path = `/v1/trait-rules/${encodeURIComponent('first.source / ü')}`;
    const created = await ask('PUT', path, { merge: 'earliest' });
    expect(created).toMatchObject({
      status: 201,
      body: { name: 'first.source / ü', merge: 'earliest', state: 'building', progress: 0, version: 1 },
    });
    expect((await ask('GET', path)).body).toMatchObject({ merge: 'earliest', version: 1 });
    const etag = created.headers.get('etag') ?? '';
    const replaced = await ask('PUT', path, { merge: 'latest', description: 'why' }, { 'if-match': etag });
    expect(replaced).toMatchObject({ status: 200, body: { merge: 'latest', state: 'live', version: 2 } });
    expect((await ask('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412);
    const restored = await ask('POST', `${path}/versions/1/restore`);
    expect(restored).toMatchObject({ status: 200, body: { merge: 'earliest', version: 3 } });
    expect((await ask('DELETE', path)).status).toBe(204);
    expect(await ask('GET', path)).toMatchObject({
      status: 404,
      body: { error: { code: 'trait_rule_not_found' } },
    });
    expect((await ask('GET', `${path}/versions`)).body).toMatchObject({
      data: [{ version: 4, value: null }, { version: 3 }, { version: 2 }, { version: 1 }],
    });
    const audited = (await ask('GET', '/v1/audit?limit=1')).body;
    expect(audited).toMatchObject({
      data: [{ kind: 'trait-rule', action: 'removed', subject: 'first.source / ü' }],
    });
  });

  it.each([
    [{ merge: 'newest' }, 'must be one of latest, earliest, non_empty, max, min, union, add'],
    [{}, 'must be one of latest, earliest, non_empty, max, min, union, add'],
  ])('are refused with the place and what would be right: %j', async (body, reason) => {
    const refused = await ask('PUT', '/v1/trait-rules/plan', body);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(JSON.stringify(refused.body)).toContain(reason);
  });

  it('are in the file of definitions, and no more than the quota', async () => {
    const traitRules = { plan: { merge: 'max' }, 'a.b': { description: 'of all', merge: 'union' } };
    const applied = await ask('PUT', '/v1/definitions?prune=true', { traitRules });
    expect(applied).toMatchObject({ status: 200, body: { summary: { created: 2 } } });
    expect((await ask('GET', '/v1/definitions')).body).toMatchObject({ traitRules });
    expect((await ask('PUT', '/v1/trait-rules/c', { merge: 'add' })).status).toBe(201);
    expect(await ask('PUT', '/v1/trait-rules/d', { merge: 'add' })).toMatchObject({
      status: 409,
      body: { error: { code: 'quota_exceeded', details: { quota: 'traitRules', limit: 3, used: 3 } } },
    });
  });
});
