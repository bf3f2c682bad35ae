import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi } from '../../test/running-api.fixture.js';

const api = new RunningApi();
const OTHER = { 'x-workspace': 'other' };
const PRO = { name: 'Pro', query: "trait('plan') = 'pro'" };

beforeAll(async () => {
  await api.start();
  const quotas = { audiences: 2 };
  expect((await api.ask('PUT', '/v1/workspaces/other', { name: 'Other', quotas })).status).toBe(201);
});

afterAll(async () => {
  await api.stop();
});

const put = (body: object, headers = {}, query = '') =>
  api.ask('PUT', `/v1/definitions${query}`, body, headers);

describe('definitions of a workspace', () => {
  it('are exported, planned and pruned apart from those of another', async () => {
    await put({ audiences: { same: PRO, own: PRO } });
    await put({ audiences: { same: { ...PRO, name: 'Others' } } }, OTHER);
    expect((await put({ audiences: { same: PRO } }, OTHER, '?dryRun=true&prune=true')).body).toMatchObject({
      summary: { changed: 1, removed: 0, unchanged: 0 },
      changes: [{ before: { name: 'Others' } }],
    });
    await put({ audiences: {} }, OTHER, '?prune=true');
    expect((await api.ask('GET', '/v1/definitions')).body).toMatchObject({
      audiences: { same: PRO, own: PRO },
    });
    expect((await api.ask('GET', '/v1/definitions', undefined, OTHER)).body).toMatchObject({ audiences: {} });
  });

  it('are refused a write key of another, in whichever plan, and nothing is said of whose it is', async () => {
    const sources = (name: string) => ({ [name]: { name, writeKeys: [{ key: 'wk_of_one_of_two' }] } });
    expect((await put({ sources: sources('secret-name') })).status).toBe(200);
    for (const query of ['', '?dryRun=true']) {
      const taken = await put({ sources: sources('taker') }, OTHER, query);
      expect(taken).toMatchObject({
        status: 400,
        body: { error: { details: [{ field: 'sources.taker.writeKeys[0].key' }] } },
      });
      expect(JSON.stringify(taken.body)).not.toContain('secret-name');
    }
    const keyOfSettings = { web: { name: 'Web', writeKeys: [{ key: 'dev-write-key' }] } };
    expect((await put({ sources: keyOfSettings }, OTHER)).status).toBe(400);
    expect((await put({ sources: { default: { name: 'Ours' } } }, OTHER)).status).toBe(200);
  });

  it('are within its quotas, of which what is removed makes room', async () => {
    await put({ audiences: { a: PRO, b: PRO } }, OTHER, '?prune=true');
    expect(await put({ audiences: { c: PRO } }, OTHER)).toMatchObject({
      body: { error: { code: 'quota_exceeded', details: { limit: 2 } } },
    });
    expect((await put({ audiences: { b: PRO, c: PRO } }, OTHER, '?prune=true')).status).toBe(200);
  });
});
