import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { RunningApi, type Answer } from '../../../test/running-api.fixture.js';
import { AccessDatabase } from '../access-database.js';
import type { NewToken, ShownToken } from './token.dto.js';

const api = new RunningApi();

beforeAll(async () => {
  await api.start();
});

afterAll(async () => {
  await api.stop();
});

const withToken = (token: string) => ({ authorization: `Bearer ${token}` });
const made = async (body: object): Promise<NewToken> =>
  (await api.ask('POST', '/v1/tokens', body)).body as NewToken;
const audiences = async (token: string): Promise<Answer> =>
  api.ask('GET', '/v1/audiences', undefined, withToken(token));
const found = async (id: string): Promise<ShownToken> =>
  (await api.ask('GET', `/v1/tokens/${id}`)).body as ShownToken;

async function usedAt(id: string, at: Date): Promise<void> {
  const { database } = api.service.app.get(AccessDatabase);
  await database.run((statements) =>
    statements.updateTable('api_tokens').set({ used_at: at }).where('id', '=', id).execute(),
  );
}

describe('an API token', () => {
  it('is shown once, and kept as a digest', async () => {
    const { token, ...shown } = await made({ name: 'Export', scopes: ['read'] });
    expect(token).toMatch(/^trb_[0-9a-f]{16}_[\w-]{43}$/);
    expect(shown).toMatchObject({
      name: 'Export',
      state: 'good',
      createdBy: { kind: 'operator' },
      lastUsedAt: null,
    });
    expect(await found(shown.id)).toEqual(shown);
    const { database } = api.service.app.get(AccessDatabase);
    const rows = await database.run((statements) =>
      statements.selectFrom('api_tokens').selectAll().execute(),
    );
    const entries = await database.run((statements) => statements.selectFrom('audit').selectAll().execute());
    const secret = token.slice(-43);
    expect(JSON.stringify(rows)).toContain(shown.id);
    expect(JSON.stringify([rows, entries])).not.toContain(secret);
  });

  it('lets do what its scopes say, as bearer and as user of HTTP Basic', async () => {
    const { token } = await made({ name: 'Reader', scopes: ['read'] });
    expect((await audiences(token)).status).toBe(200);
    const basic = { authorization: `Basic ${btoa(`${token}:`)}` };
    expect((await api.ask('GET', '/v1/audiences', undefined, basic)).status).toBe(200);
    const put = await api.ask('PUT', '/v1/sources/web', { name: 'Web' }, withToken(token));
    expect(put).toMatchObject({
      status: 403,
      body: {
        error: {
          code: 'forbidden',
          message:
            'This needs the scope "write", or the role engineer or admin; "Reader" has "read". It writes sources.',
          details: { needs: { scope: 'write', area: 'sources' }, scopes: ['read'] },
        },
      },
    });
  });

  it('is the author of what is changed with it', async () => {
    const { token, id } = await made({ name: 'Deployment', scopes: ['write'] });
    expect((await api.ask('PUT', '/v1/sources/deployed', { name: 'Web' }, withToken(token))).status).toBe(
      201,
    );
    expect((await api.ask('GET', '/v1/sources/deployed/versions')).body).toMatchObject({
      data: [{ author: { id, kind: 'token', name: 'Deployment' } }],
    });
  });

  it('has another secret after a rotation, and the former one for the time of the overlap', async () => {
    const first = await made({ name: 'Rotated', scopes: ['read'] });
    const rotated = await api.ask('POST', `/v1/tokens/${first.id}/rotate`, { overlapSeconds: 3_600 });
    const second = rotated.body as NewToken;
    expect(second).toMatchObject({ id: first.id, formerSecretUntil: expect.any(String) });
    expect([(await audiences(first.token)).status, (await audiences(second.token)).status]).toEqual([
      200, 200,
    ]);
    const third = (await api.ask('POST', `/v1/tokens/${first.id}/rotate`, { overlapSeconds: 0 }))
      .body as NewToken;
    expect([(await audiences(first.token)).status, (await audiences(third.token)).status]).toEqual([
      401, 200,
    ]);
    expect(await audiences(second.token)).toMatchObject({
      status: 401,
      body: { error: { code: 'unauthorized', details: { reason: 'rotated' } } },
    });
  });

  it('is good for nothing once it is revoked, and stays in the list', async () => {
    const { token, id } = await made({ name: 'Lost', scopes: ['admin'] });
    for (const _again of [1, 2]) expect((await api.ask('DELETE', `/v1/tokens/${id}`)).status).toBe(204);
    expect(await audiences(token)).toMatchObject({
      status: 401,
      body: { error: { message: expect.stringContaining('"Lost" was revoked at') } },
    });
    expect((await found(id)).state).toBe('revoked');
    expect((await api.ask('POST', `/v1/tokens/${id}/rotate`, {})).status).toBe(409);
    const { data } = (await api.ask('GET', '/v1/tokens')).body as { readonly data: readonly ShownToken[] };
    expect(data.map((one) => one.id)).toContain(id);
  });

  it('says when it was last used, to the minute', async () => {
    const { token, id } = await made({ name: 'Used', scopes: ['read'] });
    await audiences(token);
    const { lastUsedAt } = await found(id);
    expect(lastUsedAt).toEqual(expect.any(String));
    await audiences(token);
    expect((await found(id)).lastUsedAt).toBe(lastUsedAt);
    await usedAt(id, new Date(Date.now() - 61_000));
    // What is known of a token is a second old at most, and then read again.
    const usedAgain = async () => {
      await audiences(token);
      return Date.parse((await found(id)).lastUsedAt ?? '');
    };
    await eventually(usedAgain, { until: (at) => at >= Date.parse(lastUsedAt ?? '') });
  });

  it.each([
    [{ name: 'x', scopes: [] }, 'scopes'],
    [{ name: 'x', scopes: ['everything'] }, 'scopes'],
    [{ name: 'x', scopes: ['read'], expiresAt: '2020-01-01T00:00:00.000Z' }, 'expiresAt'],
    [{ scopes: ['read'] }, 'name'],
  ])('such as %j is refused', async (body, field) => {
    const { status, body: said } = await api.ask('POST', '/v1/tokens', body);
    expect(status).toBe(400);
    expect(JSON.stringify(said)).toContain(field);
  });

  it.each(['trb_', 'trb_0123456789abcdef_x', `trb_0123456789abcdef_${'a'.repeat(43)}`])(
    'that never was, as %s, is unknown',
    async (token) => {
      expect(await audiences(token)).toMatchObject({
        status: 401,
        body: { error: { details: { reason: 'unknown' } } },
      });
    },
  );
});
