import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { RunningApi } from '../../test/running-api.fixture.js';

const api = new RunningApi();
const of = (workspace: string) => ({ 'x-workspace': workspace });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

beforeAll(async () => {
  await api.start();
});
afterAll(async () => {
  await api.stop();
});

interface Refused {
  readonly error: { readonly code: string; readonly message: string; readonly details: unknown };
}
const codeOf = (body: unknown) => (body as Refused).error.code;

async function make(id: string, quotas: object = {}): Promise<void> {
  const { status } = await api.ask('PUT', `/v1/workspaces/${id}`, { name: id, quotas });
  expect(status).toBe(201);
}

async function tokenOf(workspace: string, scopes: readonly string[] = ['admin']): Promise<string> {
  const made = await api.ask('POST', '/v1/tokens', { name: 't', scopes }, of(workspace));
  expect(made.status).toBe(201);
  return (made.body as { readonly token: string }).token;
}

describe('a workspace', () => {
  it('is made, shown with what it may use and uses, changed and removed', async () => {
    await make('acme', { sources: 2 });
    const shown = await api.ask('GET', '/v1/workspaces/acme');
    expect(shown.body).toMatchObject({
      id: 'acme',
      quotas: { sources: 2 },
      limits: { eventsPerSecond: 100_000, sources: 2, audiences: 1_000, splits: 100_000 },
      used: { eventsPerSecond: 0, sources: 0, audiences: 0, splits: 0 },
      version: 1,
    });
    const stale = await api.ask('PUT', '/v1/workspaces/acme', { name: 'Acme' }, { 'if-match': '"9"' });
    expect(stale.status).toBe(412);
    expect((await api.ask('PUT', '/v1/workspaces/acme', { name: 'Acme' })).status).toBe(200);
    expect((await api.ask('DELETE', '/v1/workspaces/acme')).status).toBe(204);
    expect((await api.ask('GET', '/v1/workspaces/acme')).status).toBe(404);
  });

  it('keeps its versions, and comes back by restoring one', async () => {
    await make('back', { sources: 7 });
    await api.ask('DELETE', '/v1/workspaces/back');
    const restored = await api.ask('POST', '/v1/workspaces/back/versions/1/restore');
    expect([restored.status, restored.body]).toMatchObject([201, { quotas: { sources: 7 }, version: 3 }]);
    const versions = await api.ask('GET', '/v1/workspaces/back/versions');
    expect((versions.body as { readonly data: readonly { readonly version: number }[] }).data).toMatchObject([
      { version: 3, value: { name: 'back' } },
      { version: 2, value: null },
      { version: 1 },
    ]);
    expect((await api.ask('POST', '/v1/workspaces/back/versions/2/restore')).status).toBe(404);
  });

  it('has an id that keys and addresses can hold', async () => {
    for (const id of ['Acme', 'a_b', '-a', 'a'.repeat(64)])
      expect((await api.ask('PUT', `/v1/workspaces/${id}`, { name: 'x' })).status).toBe(400);
  });

  it('of the settings is always there', async () => {
    const own = `/v1/workspaces/${api.workspace}`;
    expect((await api.ask('GET', own)).body).toMatchObject({ version: -1 });
    expect((await api.ask('DELETE', own)).status).toBe(409);
    expect((await api.ask('PUT', own, { name: 'Own', enabled: false })).status).toBe(409);
    expect((await api.ask('PUT', own, { name: 'Own' })).status).toBe(200);
    const listed = await api.ask('GET', '/v1/workspaces');
    expect((listed.body as { readonly data: readonly object[] }).data).toContainEqual(
      expect.objectContaining({ id: api.workspace, name: 'Own' }),
    );
  });

  it('follows from the token, and only an admin of the installation names another', async () => {
    await make('north');
    await make('south');
    const token = await tokenOf('north');
    const who = async (headers: Record<string, string>) =>
      (await api.ask('GET', '/v1/session', undefined, headers)).body;
    expect(await who(bearer(token))).toMatchObject({ workspace: 'north' });
    expect(await who({ ...bearer(token), ...of('north') })).toMatchObject({ workspace: 'north' });
    expect(codeOf(await who({ ...bearer(token), ...of('south') }))).toBe('workspace_not_found');
    expect(codeOf(await who({ ...bearer(token), ...of(api.workspace) }))).toBe('workspace_not_found');
    expect(await who({})).toMatchObject({ workspace: api.workspace });
    expect(await who(of('south'))).toMatchObject({ workspace: 'south' });
    expect(codeOf(await who(of('nowhere')))).toBe('workspace_not_found');
  });

  it('is nobody’s to make, change or remove but an admin’s of the installation', async () => {
    const token = bearer(await tokenOf('north'));
    for (const id of ['north', 'south', 'east']) {
      const put = await api.ask('PUT', `/v1/workspaces/${id}`, { name: 'x' }, token);
      expect([put.status, codeOf(put.body)]).toEqual([403, 'forbidden']);
      expect((await api.ask('DELETE', `/v1/workspaces/${id}`, undefined, token)).status).toBe(403);
    }
    expect((await api.ask('GET', '/v1/workspaces/north', undefined, token)).status).toBe(200);
    expect((await api.ask('GET', '/v1/workspaces/south', undefined, token)).status).toBe(404);
    expect((await api.ask('GET', '/v1/workspaces', undefined, token)).body).toMatchObject({
      data: [{ id: 'north' }],
      cursor: { hasMore: false },
    });
  });

  it('that is disabled lets nobody in but the admins of the installation', async () => {
    await make('closed');
    const token = bearer(await tokenOf('closed'));
    await api.ask('PUT', '/v1/workspaces/closed', { name: 'Closed', enabled: false });
    const refused = await api.ask('GET', '/v1/sources', undefined, token);
    expect([refused.status, codeOf(refused.body)]).toEqual([403, 'workspace_disabled']);
    const signIn = await api.ask(
      'POST',
      '/v1/session',
      { token: token.authorization.slice(7) },
      { authorization: '' },
    );
    expect([signIn.status, codeOf(signIn.body)]).toEqual([403, 'workspace_disabled']);
    expect((await api.ask('GET', '/v1/sources', undefined, of('closed'))).status).toBe(200);
    await api.ask('PUT', '/v1/workspaces/closed', { name: 'Closed', enabled: true });
    expect((await api.ask('GET', '/v1/sources', undefined, token)).status).toBe(200);
  });

  it('is not removed while a definition is in force, and takes its tokens and users along', async () => {
    await make('full');
    const token = bearer(await tokenOf('full'));
    const user = { email: 'full@example.com', name: 'Full', role: 'admin' };
    expect((await api.ask('POST', '/v1/users', user, of('full'))).status).toBe(201);
    await api.ask('PUT', '/v1/sources/web', { name: 'Web' }, token);
    const refused = await api.ask('DELETE', '/v1/workspaces/full');
    expect([refused.status, codeOf(refused.body)]).toEqual([409, 'workspace_in_use']);
    expect((refused.body as Refused).error.details).toEqual({ source: 1 });
    await api.ask('DELETE', '/v1/sources/web', undefined, token);
    expect((await api.ask('DELETE', '/v1/workspaces/full')).status).toBe(204);
    await make('full');
    expect((await api.ask('GET', '/v1/sources', undefined, token)).status).toBe(401);
    expect((await api.ask('GET', '/v1/users', undefined, of('full'))).body).toMatchObject({ data: [] });
  });
});

describe('two workspaces', () => {
  const query = "trait('plan') = 'pro'";

  it('have definitions of the same ids, each its own', async () => {
    const [north, south] = [bearer(await tokenOf('north')), bearer(await tokenOf('south'))];
    for (const [token, name] of [
      [north, 'North'],
      [south, 'South'],
    ] as const) {
      await api.ask('PUT', '/v1/audiences/spring', { name, query }, token);
      await api.ask('PUT', '/v1/sources/web', { name }, token);
    }
    for (const [token, name] of [
      [north, 'North'],
      [south, 'South'],
    ] as const) {
      expect((await api.ask('GET', '/v1/audiences/spring', undefined, token)).body).toMatchObject({
        name,
        version: 1,
      });
      expect((await api.ask('GET', '/v1/sources', undefined, token)).body).toMatchObject({
        data: [{ id: 'web', name }],
      });
    }
    await api.ask('DELETE', '/v1/audiences/spring', undefined, north);
    expect((await api.ask('GET', '/v1/audiences/spring', undefined, south)).status).toBe(200);
  });

  it('have no write key in common, and do not learn whose it is', async () => {
    const [north, south] = [bearer(await tokenOf('north')), bearer(await tokenOf('south'))];
    const writeKeys = [{ key: 'wk_of_the_north' }];
    expect((await api.ask('PUT', '/v1/sources/secret-name', { name: 'N', writeKeys }, north)).status).toBe(
      201,
    );
    const taken = await api.ask('PUT', '/v1/sources/app', { name: 'S', writeKeys }, south);
    expect([taken.status, codeOf(taken.body)]).toEqual([409, 'write_key_taken']);
    expect(JSON.stringify(taken.body)).not.toContain('secret-name');
    const ofSettings = [{ key: 'dev-write-key' }];
    const own = await api.ask('PUT', '/v1/sources/app', { name: 'S', writeKeys: ofSettings }, south);
    expect([own.status, codeOf(own.body)]).toEqual([409, 'write_key_taken']);
  });

  it('have no user in common: whoever signs in is in the workspace of the address', async () => {
    const user = { email: 'ann@example.com', name: 'Ann', role: 'viewer' };
    const made = await api.ask('POST', '/v1/users', user, of('south'));
    const { link } = made.body as { readonly link: string };
    const taken = await api.ask('POST', '/v1/users', user, of('north'));
    expect([taken.status, codeOf(taken.body)]).toEqual([409, 'email_taken']);
    const password = 'correct horse battery';
    const body = { code: link.split('#')[1], password };
    const used = await api.ask('POST', '/v1/session/link', body, { authorization: '' });
    expect(used.body).toMatchObject({ workspace: 'south', role: 'viewer' });
    const signIn = { email: user.email, password };
    const session = await api.ask('POST', '/v1/session', signIn, { authorization: '' });
    expect(session.body).toMatchObject({ workspace: 'south', role: 'viewer' });
    const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
    const asked = (headers: Record<string, string>) =>
      api.ask('GET', '/v1/sessions', undefined, { authorization: '', cookie, ...headers });
    expect((await asked({})).status).toBe(200);
    expect((await asked(of('north'))).status).toBe(404);
  });
});

describe('requests', () => {
  it('are counted by the workspace that they are about', async () => {
    const counted = async () => {
      const { body } = await api.ask('GET', '/metrics');
      return Number(/api_requests_total\{workspace="north"[^}]*\} (\d+)/.exec(body as string)?.[1] ?? 0);
    };
    const before = await counted();
    await api.ask('GET', '/v1/sources', undefined, of('north'));
    await eventually(counted, { until: (now) => now === before + 1 });
  });
});

describe('a quota', () => {
  it('lets a workspace have so many definitions of a kind, and says how many it has', async () => {
    await make('small', { sources: 1, audiences: 0 });
    const token = bearer(await tokenOf('small'));
    const put = (id: string) => api.ask('PUT', `/v1/sources/${id}`, { name: id }, token);
    expect((await put('one')).status).toBe(201);
    expect((await put('one')).status).toBe(200);
    const refused = await put('two');
    expect([refused.status, codeOf(refused.body)]).toEqual([409, 'quota_exceeded']);
    expect((refused.body as Refused).error.details).toEqual({ quota: 'sources', limit: 1, used: 1 });
    const audience = { name: 'A', query: "trait('plan') = 'pro'" };
    expect((await api.ask('PUT', '/v1/audiences/a', audience, token)).status).toBe(409);
    expect((await api.ask('GET', '/v1/workspaces/small')).body).toMatchObject({
      used: { sources: 1, audiences: 0 },
    });
    await api.ask('DELETE', '/v1/sources/one', undefined, token);
    expect((await put('two')).status).toBe(201);
    expect((await api.ask('POST', '/v1/sources/one/versions/1/restore', undefined, token)).status).toBe(409);
  });

  it('is kept by writers at the same time', async () => {
    await make('raced', { sources: 3 });
    const token = bearer(await tokenOf('raced'));
    const ids = Array.from({ length: 12 }, (_, i) => `s${i}`);
    const answers = await Promise.all(
      ids.map((id) => api.ask('PUT', `/v1/sources/${id}`, { name: id }, token)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(3).fill(201),
      ...Array<number>(9).fill(409),
    ]);
  });
});
