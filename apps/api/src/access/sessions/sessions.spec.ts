import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunningApi, type Answer } from '../../../test/running-api.fixture.js';
import { AccessDatabase } from '../access-database.js';
import { LinksService } from '../users/links.service.js';
import type { NewUser, ShownLink } from '../users/user.dto.js';
import type { ShownSession, Who } from './session.dto.js';
import { inWorkspace } from '../../workspaces/current-workspace.js';

const api = new RunningApi();
/** Who all want to be the first user. */
const COMERS = 6;
const PASSWORD = 'correct horse battery';

beforeAll(async () => {
  await api.start();
});

afterAll(async () => {
  await api.stop();
});

const NOBODY = { authorization: '' };
const as = (cookie: string) => ({ ...NOBODY, cookie });
const here = () => ({ origin: api.service.url });
const cookieOf = ({ headers }: Answer) => headers.get('set-cookie')?.split(';', 1)[0] ?? '';
const codeOf = (link: string) => link.slice(link.indexOf('#') + 1);
const signIn = (body: object, headers: Record<string, string> = NOBODY) =>
  api.ask('POST', '/v1/session', body, { ...NOBODY, ...headers });

let users = 0;

/** A user with a password, and the cookie of a session. */
async function newUser(role: string): Promise<NewUser & { readonly cookie: string }> {
  users += 1;
  const email = `Ann${users}@example.com`;
  const user = (await api.ask('POST', '/v1/users', { email, name: `Ann ${users}`, role })).body as NewUser;
  const set = await api.ask(
    'POST',
    '/v1/session/link',
    { code: codeOf(user.link), password: PASSWORD },
    NOBODY,
  );
  expect(set.status).toBe(200);
  return { ...user, cookie: cookieOf(set) };
}

describe('the first user', () => {
  it('comes in by a link that is good once, as admin, whichever of several comes first', async () => {
    const links = api.service.app.get(LinksService);
    const made: ShownLink[] = [];
    while (made.length < COMERS) made.push((await inWorkspace(api.workspace, () => links.forFirstUser()))!);
    const answers = await Promise.all(
      made.map(({ link }, index) =>
        api.ask(
          'POST',
          '/v1/session/link',
          { code: codeOf(link), password: PASSWORD, email: `first${index}@example.com` },
          NOBODY,
        ),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(COMERS - 1).fill(410)]);
    const first = answers.find(({ status }) => status === 200)!;
    expect(first.body).toMatchObject({
      role: 'admin',
      scopes: ['admin'],
      by: 'session',
      principal: { kind: 'user' },
    });
    expect((await api.ask('GET', '/v1/users', undefined, as(cookieOf(first)))).status).toBe(200);
    expect(await inWorkspace(api.workspace, () => links.forFirstUser())).toBeUndefined();
  });
});

describe('a session', () => {
  it('is opened by email address and password, in whatever case the address is', async () => {
    const { email, id } = await newUser('viewer');
    const answer = await signIn({ email: ` ${email.toUpperCase()}`, password: PASSWORD });
    expect(answer).toMatchObject({ status: 200, body: { role: 'viewer', principal: { id, kind: 'user' } } });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^tributary_session=trs_[0-9a-f]{16}_[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const who = await api.ask('GET', '/v1/session', undefined, as(cookieOf(answer)));
    expect(who.body).toEqual(answer.body);
  });

  it('is not opened by what is wrong, and the answer does not say what', async () => {
    const { email } = await newUser('viewer');
    const wrong = await signIn({ email, password: 'another horse battery' });
    const nobody = await signIn({ email: 'nobody@example.com', password: PASSWORD });
    expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'sign_in_failed' } } });
    expect(nobody.body).toEqual(wrong.body);
    expect(wrong.headers.get('set-cookie')).toBeNull();
  });

  it('lets do what the role says', async () => {
    const marketer = await newUser('marketer');
    const audience = { name: 'A', query: "event('X').count() >= 1" };
    const put = (path: string, body: object) =>
      api.ask('PUT', path, body, { ...as(marketer.cookie), ...here() });
    expect((await put('/v1/audiences/by-marketer', audience)).status).toBe(201);
    expect(await put('/v1/sources/web', { name: 'Web' })).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden', message: expect.stringContaining('engineer or admin') } },
    });
    expect((await api.ask('GET', '/v1/users', undefined, as(marketer.cookie))).status).toBe(403);
    expect((await api.ask('GET', '/v1/audiences/by-marketer/versions')).body).toMatchObject({
      data: [{ author: { id: marketer.id, kind: 'user', name: marketer.name } }],
    });
  });

  it('changes nothing for a page of another site', async () => {
    const { cookie } = await newUser('admin');
    const { body } = await api.ask('GET', '/v1/session', undefined, as(cookie));
    const csrf = (body as Who).session?.csrfToken ?? '';
    const end = (headers: Record<string, string>) =>
      api.ask('DELETE', '/v1/sessions/0000000000000000', undefined, { ...as(cookie), ...headers });
    expect(await end({})).toMatchObject({ status: 403, body: { error: { code: 'cross_site' } } });
    expect((await end({ origin: 'https://evil.example.com' })).status).toBe(403);
    expect((await end({ 'x-csrf-token': 'made-up' })).status).toBe(403);
    expect((await end(here())).status).toBe(404);
    expect((await end({ 'x-csrf-token': csrf })).status).toBe(404);
    const elsewhere = await signIn({ token: 'dev-api-token' }, { origin: 'https://evil.example.com' });
    expect(elsewhere).toMatchObject({ status: 403, body: { error: { code: 'cross_site' } } });
  });

  it('is opened with a token, and ends when that is revoked', async () => {
    const made = await api.ask('POST', '/v1/tokens', { name: 'Console', scopes: ['read'] });
    const { id, token } = made.body as { readonly id: string; readonly token: string };
    const cookie = cookieOf(await signIn({ token }));
    const who = () => api.ask('GET', '/v1/session', undefined, as(cookie));
    expect((await who()).body).toMatchObject({
      principal: { id, kind: 'token' },
      scopes: ['read'],
      by: 'session',
    });
    await api.ask('DELETE', `/v1/tokens/${id}`);
    expect((await who()).status).toBe(401);
    expect((await signIn({ token })).status).toBe(401);
  });

  it('of the token of the settings is the operator’s', async () => {
    const cookie = cookieOf(await signIn({ token: 'dev-api-token' }));
    const who = await api.ask('GET', '/v1/session', undefined, as(cookie));
    expect(who.body).toMatchObject({ principal: { kind: 'operator' }, role: null, scopes: ['admin'] });
  });

  it('ends when its user signs out', async () => {
    const { cookie } = await newUser('viewer');
    const out = await api.ask('DELETE', '/v1/session', undefined, { ...as(cookie), ...here() });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect((await api.ask('GET', '/v1/session', undefined, as(cookie))).status).toBe(401);
  });

  it('ends when its time is over, and when it was idle', async () => {
    const { database } = api.service.app.get(AccessDatabase);
    for (const change of [{ expires_at: new Date(1_000) }, { used_at: new Date(1_000) }]) {
      const { cookie, id } = await newUser('viewer');
      await database.run((statements) =>
        statements.updateTable('sessions').set(change).where('user_id', '=', id).execute(),
      );
      expect(await api.ask('GET', '/v1/session', undefined, as(cookie))).toMatchObject({
        status: 401,
        body: { error: { code: 'unauthorized', details: { reason: 'expired' } } },
      });
    }
  });

  it('is listed for its owner, and ended by them alone, or by an admin', async () => {
    const [ann, bob] = [await newUser('viewer'), await newUser('viewer')];
    const list = async (cookie: string) =>
      (
        (await api.ask('GET', '/v1/sessions', undefined, as(cookie))).body as {
          readonly data: readonly ShownSession[];
        }
      ).data;
    const [own] = await list(ann.cookie);
    expect(own).toMatchObject({ isThis: true, principal: { id: ann.id }, address: '127.0.0.1' });
    const path = `/v1/sessions/${own?.id ?? ''}`;
    expect((await api.ask('DELETE', path, undefined, { ...as(bob.cookie), ...here() })).status).toBe(404);
    expect((await api.ask('GET', '/v1/sessions?of=all', undefined, as(bob.cookie))).status).toBe(403);
    expect((await api.ask('DELETE', path)).status).toBe(204);
    expect((await api.ask('GET', '/v1/session', undefined, as(ann.cookie))).status).toBe(401);
  });

  it('survives a change of the password where it was made, and no other does', async () => {
    const { email, cookie } = await newUser('viewer');
    const other = cookieOf(await signIn({ email, password: PASSWORD }));
    const change = (current: string, password: string) =>
      api.ask('PUT', '/v1/session/password', { current, password }, { ...as(cookie), ...here() });
    expect((await change('wrong horse battery', 'another horse battery')).status).toBe(401);
    expect((await change(PASSWORD, 'short')).status).toBe(400);
    expect((await change(PASSWORD, 'another horse battery')).status).toBe(204);
    expect((await api.ask('GET', '/v1/session', undefined, as(cookie))).status).toBe(200);
    expect((await api.ask('GET', '/v1/session', undefined, as(other))).status).toBe(401);
    expect((await signIn({ email, password: PASSWORD })).status).toBe(401);
  });
});
