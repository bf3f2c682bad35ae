import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { Browser, CLIENT, OidcProvider } from '../../../test/oidc-provider.fixture.js';
import { RunningApi } from '../../../test/running-api.fixture.js';
import type { NewUser } from '../users/user.dto.js';
import { pathIn } from './oidc-cookie.js';

const api = new RunningApi();
const provider = new OidcProvider();
let base = '';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// The provider warns of what it is here: one for specs.
for (const method of ['info', 'warn'] as const) jest.spyOn(console, method).mockReturnValue();

beforeAll(async () => {
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  await provider.start(`${base}/v1/session/oidc/callback`);
  await api.start({
    API_PORT: String(port),
    API_PUBLIC_URL: base,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
  });
});

afterAll(async () => {
  await api.stop();
  await provider.stop();
});

let users = 0;

async function invited(role = 'viewer'): Promise<NewUser> {
  users += 1;
  const body = { email: `oidc${users}@example.com`, name: `User ${users}`, role };
  return (await api.ask('POST', '/v1/users', body)).body as NewUser;
}

const begin = (browser: Browser, query = '') => browser.get(`${base}/v1/session/oidc${query}`);
/** The answer to the redirect with which the provider leads back. */
async function signIn(person: string, browser = new Browser(), query = ''): Promise<Response> {
  return browser.get(await browser.signInAs(person, await begin(browser, query)));
}
const errorOf = async (response: Response) => {
  const { error } = (await response.json()) as {
    readonly error: { readonly code: string; readonly message: string };
  };
  return [response.status, error.code, error.message];
};
const REFUSED = [401, 'sign_in_failed'] as const;

describe('signing in by the provider', () => {
  it('opens a session for a user that an admin added, and goes back to the page where the sign-in began', async () => {
    const user = await invited('engineer');
    provider.people.set('ann', { email: user.email.toUpperCase(), email_verified: true });
    const browser = new Browser();
    const answer = await signIn('ann', browser, '?returnTo=/audiences?page=2');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/audiences?page=2']);
    const who = await api.ask('GET', '/v1/session', undefined, {
      authorization: '',
      cookie: browser.cookieOf(base),
    });
    expect(who.body).toMatchObject({
      role: 'engineer',
      by: 'session',
      principal: { id: user.id, kind: 'user' },
    });
    expect((await api.ask('GET', `/v1/audit?kind=user&subject=${user.id}`)).body).toMatchObject({
      data: [{ action: 'bound', after: { issuer: provider.issuer, subject: 'ann' } }, { action: 'created' }],
    });
    expect((await api.ask('GET', `/v1/users/${user.id}`)).body).toMatchObject({
      hasPassword: false,
      signedInAt: expect.any(String) as unknown,
    });
  });

  it('knows a user again whose email address is another one at the provider now', async () => {
    const user = await invited();
    provider.people.set('bob', { email: user.email, email_verified: true });
    expect((await signIn('bob')).status).toBe(302);
    provider.people.set('bob', { email: 'bob@elsewhere.example', email_verified: false });
    expect((await signIn('bob')).status).toBe(302);
  });

  it('is refused to whoever has got the email address of a user who has signed in', async () => {
    const user = await invited();
    const person = { email: user.email, email_verified: true };
    provider.people.set('first', person).set('second', person);
    expect((await signIn('first')).status).toBe(302);
    expect(await errorOf(await signIn('second'))).toEqual([
      ...REFUSED,
      expect.stringContaining('is somebody else at the provider') as unknown,
    ]);
    await api.ask('DELETE', `/v1/users/${user.id}`);
    await api.ask('POST', '/v1/users', { email: user.email, name: 'Another', role: 'viewer' });
    expect((await signIn('second')).status).toBe(302);
  });

  it('is refused where nobody was added, and where the email address is not verified or not told', async () => {
    const user = await invited();
    provider.people
      .set('stranger', { email: 'stranger@example.com', email_verified: true })
      .set('unverified', { email: user.email, email_verified: false })
      .set('unsaid', { email: user.email })
      .set('silent', {});
    const messages = {
      stranger: 'ask an admin',
      unverified: 'not verified',
      unsaid: 'not verified',
      silent: 'no email',
    };
    for (const [person, message] of Object.entries(messages))
      expect(await errorOf(await signIn(person))).toEqual([
        ...REFUSED,
        expect.stringContaining(message) as unknown,
      ]);
  });

  it('is refused to a user who is disabled', async () => {
    const { id, email } = await invited();
    provider.people.set('off', { email, email_verified: true });
    expect((await signIn('off')).status).toBe(302);
    await api.ask('PUT', `/v1/users/${id}`, { name: 'Off', role: 'viewer', isDisabled: true });
    expect(await errorOf(await signIn('off'))).toEqual([...REFUSED, 'The user is disabled.']);
  });
});

describe('the way back from the provider', () => {
  it('is good for the browser that began, once, with what the provider sent', async () => {
    const { email } = await invited();
    provider.people.set('eve', { email, email_verified: true });
    const browser = new Browser();
    const back = await browser.signInAs('eve', await begin(browser));
    expect(await errorOf(await new Browser().get(back))).toEqual([
      ...REFUSED,
      expect.stringContaining('has begun no sign-in') as unknown,
    ]);
    const other = new Browser();
    await begin(other);
    expect((await other.get(back)).status).toBe(401);
    expect((await browser.get(back.replace(/state=[^&]*/, 'state=other'))).status).toBe(401);
    expect((await browser.get(back)).status).toBe(302);
    expect((await browser.get(back)).status).toBe(401);
  });

  it('tells what the provider refuses', async () => {
    const browser = new Browser();
    const to = new URL((await begin(browser)).headers.get('location') ?? '');
    expect([...to.searchParams.keys()].sort()).toEqual([
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'nonce',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ]);
    const back = `${base}/v1/session/oidc/callback?error=access_denied&state=${to.searchParams.get('state')}&iss=${encodeURIComponent(provider.issuer)}`;
    expect(await errorOf(await browser.get(back))).toEqual([
      ...REFUSED,
      expect.stringContaining('access_denied') as unknown,
    ]);
  });
});

describe('a path to be led to', () => {
  it.each([
    ['/audiences?page=2#top', '/audiences?page=2#top'],
    [undefined, '/'],
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/a\r\nset-cookie: x', '/'],
    ['/ü', '/'],
  ])('%j is %s', (text, path) => {
    expect(pathIn(text)).toBe(path);
  });
});

describe('without a provider', () => {
  it('there is no way to one', async () => {
    const without = new RunningApi();
    await without.start();
    try {
      for (const path of ['', '/callback'])
        expect(await without.ask('GET', `/v1/session/oidc${path}`)).toMatchObject({
          status: 404,
          body: { error: { code: 'route_not_found' } },
        });
    } finally {
      await without.stop();
    }
  });
});

describe('a provider that is away', () => {
  it('is said to be so', async () => {
    const alone = new RunningApi();
    const OIDC_ISSUER = `http://127.0.0.1:${await freePort()}`;
    await alone.start({ API_PUBLIC_URL: base, OIDC_ISSUER, OIDC_CLIENT_ID: CLIENT.id });
    try {
      expect(await alone.ask('GET', '/v1/session/oidc')).toMatchObject({
        status: 503,
        body: { error: { code: 'unavailable' } },
      });
    } finally {
      await alone.stop();
    }
  });
});
