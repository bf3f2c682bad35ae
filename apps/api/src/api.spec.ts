import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profileIdOf } from '@tributary/kernel';
import { RunningApi } from '../test/running-api.fixture.js';

const api = new RunningApi();
const ask = api.ask.bind(api);
const ANN = profileIdOf(api.workspace, 'user_id:ann');
const BOB = profileIdOf(api.workspace, 'user_id:bob');
const PHONE = profileIdOf(api.workspace, 'anonymous_id:phone');

beforeAll(async () => {
  await api.start();
  await api.insert('latest_profiles', [
    { profile_id: ANN, profile: JSON.stringify({ profileId: ANN, traits: { name: 'Ann' } }) },
    { profile_id: BOB, merged_into: ANN, profile: '{}' },
    { profile_id: PHONE, merged_into: BOB, profile: '{}' },
  ]);
  await api.insert('identity_assignments', [
    { identifier: 'email:ann@example.com', profile_id: ANN, version: 1 },
  ]);
});

afterAll(async () => {
  await api.stop();
});

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

describe('profiles', () => {
  it('are shown by id', async () => {
    expect(await ask('GET', `/v1/profiles/${ANN}`)).toMatchObject({
      status: 200,
      body: { traits: { name: 'Ann' } },
    });
  });

  it('are shown by id, in whatever case', async () => {
    expect((await ask('GET', `/v1/profiles/${ANN.toUpperCase()}`)).status).toBe(200);
  });

  it('that were merged name the one that holds them, however often', async () => {
    const answer = await ask('GET', `/v1/profiles/${PHONE}`);
    expect(answer.status).toBe(307);
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
    const id = profileIdOf(api.workspace, 'user_id:nobody');
    const missing = 'No profile has the identifier';
    for (const [path, message] of [
      [`/${id}`, `There is no profile ${id}.`],
      ['?identifier=user_id:nobody', `${missing} user_id:nobody, as far as the tables have come.`],
      [
        '?identifier=userId:ann',
        `${missing} userId:ann, as far as the tables have come. The namespace userId is not among the rules; did you mean user_id?`,
      ],
      [
        '?identifier=email:a+b@example.com',
        `${missing} email:a b@example.com, as far as the tables have come. A + in a query is read as a space; write %2B for it.`,
      ],
      [
        '?identifier=email:No@Example.com',
        `${missing} email:no@example.com (sent as email:No@Example.com), as far as the tables have come.`,
      ],
    ]) {
      expect(await ask('GET', `/v1/profiles${path}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'profile_not_found', message } },
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
  it('names the route that may have been meant', async () => {
    expect((await ask('POST', '/v1/audiences', { name: 'A' })).body).toMatchObject({
      error: {
        code: 'route_not_found',
        message: 'There is no POST /v1/audiences; there are GET /v1/audiences, PUT /v1/audiences/{key}.',
      },
    });
    expect((await ask('GET', '/healthz')).body).toEqual({
      error: { code: 'route_not_found', message: 'There is no GET /healthz; there is GET /health.' },
    });
  });

  it('is answered like every failure', async () => {
    expect(await ask('GET', '/v1/nothing?secret=1')).toMatchObject({
      status: 404,
      body: { error: { code: 'route_not_found', message: 'There is no GET /v1/nothing.' } },
    });
  });

  it('is told to probes in their own shape', async () => {
    api.service.health.add('broken', () => false);
    expect(await ask('GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { error: { broken: { status: 'down' } } },
    });
  });
});
