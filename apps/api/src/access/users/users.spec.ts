import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@tributary/control';
import { CONFIG, LOGGER, type Logger } from '@tributary/service';
import { RunningApi } from '../../../test/running-api.fixture.js';
import type { ApiConfig } from '../../api.config.js';
import { AccessLifecycle } from '../access-lifecycle.js';
import { LinksService } from './links.service.js';
import type { NewUser, ShownLink, ShownUser } from './user.dto.js';

const api = new RunningApi();
const PASSWORD = 'correct horse battery';
const NOBODY = { authorization: '' };

beforeAll(async () => {
  await api.start({ API_LOCAL_OPERATOR: 'true', API_TRUSTED_HOPS: '1' });
});

afterAll(async () => {
  await api.stop();
});

const made = async (email: string): Promise<NewUser> =>
  (await api.ask('POST', '/v1/users', { email, name: 'Ann', role: 'viewer' })).body as NewUser;
const setPassword = (link: string, password = PASSWORD) =>
  api.ask('POST', '/v1/session/link', { code: link.slice(link.indexOf('#') + 1), password }, NOBODY);
const signIn = (email: string, from: string, password = PASSWORD) =>
  api.ask('POST', '/v1/session', { email, password }, { ...NOBODY, 'x-forwarded-for': from });

describe('a user', () => {
  it('is added without a password, and sets one by a link that is good once', async () => {
    const { link, ...user } = await made('Once@Example.com');
    expect(user).toMatchObject({ email: 'once@example.com', role: 'viewer', hasPassword: false, version: 1 });
    expect((await signIn('once@example.com', 'a1')).status).toBe(401);
    expect((await setPassword(link, 'too short')).status).toBe(400);
    expect((await setPassword(link)).status).toBe(200);
    expect(await setPassword(link)).toMatchObject({
      status: 410,
      body: { error: { code: 'link_not_good' } },
    });
    expect((await api.ask('GET', `/v1/users/${user.id}`)).body).toMatchObject({ hasPassword: true });
  });

  it('is the only one of an email address', async () => {
    await made('one@example.com');
    const again = await api.ask('POST', '/v1/users', { email: 'ONE@example.com', name: 'B', role: 'admin' });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'email_taken' } } });
  });

  it('is changed under If-Match, and signed out when disabled', async () => {
    const { id, link } = await made('changed@example.com');
    const cookie = (await setPassword(link)).headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    const put = (body: object, match: string) =>
      api.ask('PUT', `/v1/users/${id}`, body, { 'if-match': match });
    const changed = await put({ name: 'Anna', role: 'engineer' }, '"1"');
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect((await put({ name: 'Anna', role: 'admin' }, '"1"')).status).toBe(412);
    const who = () => api.ask('GET', '/v1/session', undefined, { ...NOBODY, cookie });
    expect((await who()).body).toMatchObject({ role: 'engineer', principal: { name: 'Anna' } });
    await put({ name: 'Anna', role: 'engineer', isDisabled: true }, '"2"');
    expect((await who()).status).toBe(401);
    expect((await signIn('changed@example.com', 'a2')).status).toBe(401);
  });

  it('is removed, with the sessions', async () => {
    const { id, link } = await made('removed@example.com');
    const cookie = (await setPassword(link)).headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    expect((await api.ask('DELETE', `/v1/users/${id}`)).status).toBe(204);
    expect((await api.ask('GET', `/v1/users/${id}`)).status).toBe(404);
    expect((await api.ask('GET', '/v1/session', undefined, { ...NOBODY, cookie })).status).toBe(401);
    const { data } = (await api.ask('GET', '/v1/users?limit=1000')).body as {
      readonly data: readonly ShownUser[];
    };
    expect(data.map((user) => user.id)).not.toContain(id);
  });

  it('who forgot the password gets another link, and the one before is good no more', async () => {
    const { id, link } = await made('forgot@example.com');
    const { body } = await api.ask('POST', `/v1/users/${id}/link`);
    expect((await setPassword(link)).status).toBe(410);
    expect((await setPassword((body as ShownLink).link)).status).toBe(200);
  });
});

describe('guesses of a password', () => {
  it('wait longer and longer, on one account from many addresses', async () => {
    const { link } = await made('guessed@example.com');
    await setPassword(link);
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        signIn('guessed@example.com', `10.0.0.${index}`, 'a wrong guess 123'),
      ),
    );
    const statuses = guesses.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(5).fill(401), ...Array<number>(7).fill(429)]);
    const late = guesses.find(({ status }) => status === 429)!;
    expect(late.body).toMatchObject({ error: { code: 'too_many_attempts' } });
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('wait longer and longer, from one address on many accounts', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 21; guess += 1)
      statuses.push((await signIn(`nobody${guess}@example.com`, '203.0.113.9')).status);
    expect(statuses).toEqual([...Array<number>(20).fill(401), 429]);
  });
});

describe('on this machine', () => {
  it('whoever says nothing is the operator, and whoever says something wrong is nobody', async () => {
    const who = (headers: Record<string, string>) =>
      api.ask('GET', '/v1/session', undefined, { ...NOBODY, ...headers });
    expect(await who({})).toMatchObject({
      status: 200,
      body: { by: 'loopback', principal: { kind: 'operator' } },
    });
    expect((await who({ authorization: 'Bearer other' })).status).toBe(401);
    expect((await who({ 'x-forwarded-for': '203.0.113.5' })).status).toBe(401);
    expect((await who({ origin: 'https://evil.example.com' })).status).toBe(401);
  });

  it('is not asked for where others reach the api: it does not start', () => {
    const { app } = api.service;
    const config = { ...app.get<ApiConfig>(CONFIG), BIND_ADDRESS: '0.0.0.0' };
    const links = app.get(LinksService);
    const lifecycle = new AccessLifecycle(app.get(ControlPlane), links, config, app.get<Logger>(LOGGER));
    expect(() => {
      lifecycle.onModuleInit();
    }).toThrow('API_LOCAL_OPERATOR is true and BIND_ADDRESS is 0.0.0.0');
  });
});

describe('the page of a link', () => {
  it('loads nothing from elsewhere', async () => {
    const { status, headers, body } = await api.ask('GET', '/welcome', undefined, NOBODY);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(body).not.toMatch(/https?:\/\//);
  });
});
