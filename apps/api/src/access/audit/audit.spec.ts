import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql, type RawBuilder } from 'kysely';
import { RunningApi } from '../../../test/running-api.fixture.js';
import { AccessDatabase } from '../access-database.js';
import { AuditRetention } from './audit-retention.js';
import type { ShownAuditEntry } from './audit.dto.js';

const api = new RunningApi();
const REASON = { 'x-reason': 'the campaign is over' };

interface AuditPage {
  readonly data: readonly ShownAuditEntry[];
  readonly cursor: { readonly next: string | null; readonly hasMore: boolean };
}

beforeAll(async () => {
  await api.start();
  const audience = (count: number) => ({ name: 'VIP', query: `event('Order').count() >= ${count}` });
  await api.ask('PUT', '/v1/audiences/vip', audience(1));
  await api.ask('PUT', '/v1/audiences/vip', audience(2));
  await api.ask('DELETE', '/v1/audiences/vip', undefined, REASON);
});

afterAll(async () => {
  await api.stop();
});

const audit = async (query = ''): Promise<AuditPage> =>
  (await api.ask('GET', `/v1/audit${query}`)).body as AuditPage;

describe('the audit log', () => {
  it('has each write of a definition: who, when, what, before and after', async () => {
    const { data } = await audit('?kind=audience&subject=vip');
    const author = { id: 'operator', kind: 'operator', name: 'Operator' };
    const of = (count: number) =>
      expect.objectContaining({ name: 'VIP', query: expect.stringContaining(`>= ${count}`) }) as object;
    expect(data).toMatchObject([
      { action: 'removed', author, version: 3, before: of(2), after: null, reason: 'the campaign is over' },
      { action: 'changed', author, version: 2, before: of(1), after: of(2), reason: null },
      { action: 'created', author, version: 1, before: null, after: of(1) },
    ]);
    expect(Date.parse(data[0]!.at)).toBeGreaterThanOrEqual(Date.parse(data[1]!.at));
  });

  it('has nothing of what was read, refused or only tried', async () => {
    const { data: before } = await audit();
    await api.ask('GET', '/v1/audiences');
    await api.ask('PUT', '/v1/audiences/other', { name: 'X', query: 'not a query' });
    await api.ask(
      'PUT',
      '/v1/audiences/other',
      { name: 'X', query: "event('A').count() >= 1" },
      { 'if-match': '"7"' },
    );
    await api.ask('POST', '/v1/rejected/replay', { filter: {}, dryRun: true });
    expect((await audit()).data).toEqual(before);
  });

  it('has what is sent again of the rejected', async () => {
    await api.ask('POST', '/v1/rejected/replay', { filter: { code: 'invalid_timestamp' } }, REASON);
    const { data } = await audit('?kind=rejected');
    expect(data).toMatchObject([
      {
        action: 'replayed',
        after: { filter: { code: 'invalid_timestamp' } },
        reason: 'the campaign is over',
      },
    ]);
  });

  it('has users and tokens, and no secret of them', async () => {
    const made = await api.ask('POST', '/v1/tokens', { name: 'Export', scopes: ['read'] });
    const { id, token } = made.body as { readonly id: string; readonly token: string };
    await api.ask('POST', `/v1/tokens/${id}/rotate`, {});
    await api.ask('DELETE', `/v1/tokens/${id}`);
    const { data } = await audit(`?subject=${id}`);
    expect(data.map(({ action }) => action)).toEqual(['revoked', 'rotated', 'created']);
    const user = await api.ask('POST', '/v1/users', { email: 'a@example.com', name: 'Ann', role: 'viewer' });
    const { id: userId, link } = user.body as { readonly id: string; readonly link: string };
    expect((await audit(`?subject=${userId}`)).data).toMatchObject([{ action: 'created', kind: 'user' }]);
    const all = JSON.stringify((await audit('?limit=1000')).data);
    for (const text of [token, link]) expect(all).not.toContain(text.slice(-43));
  });

  it('masks the secrets of definitions', async () => {
    const signature = { scheme: 'hmac-sha256', header: 'X-Signature', secret: 'never to be seen' };
    const source = { name: 'Shop', webhook: { type: 'identify', userId: 'id', signature } };
    expect((await api.ask('PUT', '/v1/sources/shop', source)).status).toBe(201);
    const { data } = await audit('?subject=shop');
    expect(data).toMatchObject([{ after: { webhook: { signature: { secret: '***' } } } }]);
    expect(JSON.stringify(data)).not.toContain('never to be seen');
  });

  it('is read in pages and by filters', async () => {
    const all = (await audit('?limit=1000')).data;
    const first = await audit('?limit=2');
    const second = await audit(`?limit=2&cursor=${first.cursor.next ?? ''}`);
    expect([...first.data, ...second.data]).toEqual(all.slice(0, 4));
    expect((await audit('?author=operator&limit=1000')).data).toEqual(all);
    expect((await audit('?author=nobody')).data).toEqual([]);
    const { at } = all[1]!;
    expect((await audit(`?from=${at}&limit=1000`)).data).toEqual(all.filter((entry) => entry.at >= at));
    expect((await audit(`?to=${at}&limit=1000`)).data).toEqual(all.filter((entry) => entry.at < at));
    expect((await api.ask('GET', '/v1/audit?cursor=made-up')).status).toBe(400);
  });

  it('is exported as NDJSON', async () => {
    const { headers, body } = await api.ask('GET', '/v1/audit/export?kind=audience', undefined, {});
    expect(headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (body as string).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual((await audit('?kind=audience')).data);
  });

  it('is append-only, for whoever owns its table too', async () => {
    const { database } = api.service.app.get(AccessDatabase);
    const before = (await audit('?limit=1000')).data;
    for (const statement of [sql`UPDATE audit SET action = 'x'`, sql`DELETE FROM audit`, sql`TRUNCATE audit`])
      await expect(database.run((statements) => statement.execute(statements))).rejects.toThrow(
        'append-only',
      );
    expect((await audit('?limit=1000')).data).toEqual(before);
  });

  it('has a write, or the write is not done', async () => {
    const { database } = api.service.app.get(AccessDatabase);
    await database.run((statements) => sql`ALTER TABLE audit RENAME TO audit_away`.execute(statements));
    const body = { name: 'Unseen', query: "event('A').count() >= 1" };
    const put = await api.ask('PUT', '/v1/audiences/unseen', body);
    await database.run((statements) => sql`ALTER TABLE audit_away RENAME TO audit`.execute(statements));
    expect(put.status).toBe(503);
    expect((await api.ask('GET', '/v1/audiences/unseen')).status).toBe(404);
  });
});

describe('the retention of the audit log', () => {
  it('removes what is older than the setting says, says so, and nothing else may remove', async () => {
    const keeping = new RunningApi();
    await keeping.start({ API_AUDIT_DAYS: '35' });
    try {
      const { database } = keeping.service.app.get(AccessDatabase);
      const run = (statement: RawBuilder<unknown>) =>
        database.run((statements) => statement.execute(statements));
      // At once: the service looks by itself, too.
      await run(sql`
        INSERT INTO audit (workspace, at, author, action, kind, subject)
        SELECT ${keeping.workspace}, now() - make_interval(days => days), '{}', 'created', 'thing', subject
        FROM (VALUES ('older', 400), ('old', 40), ('kept', 34), ('young', 20)) AS entries (subject, days)`);
      await expect(run(sql`DELETE FROM audit WHERE subject = 'kept'`)).rejects.toThrow('append-only');
      await keeping.service.app.get(AuditRetention).remove();
      expect(await keeping.service.app.get(AuditRetention).remove()).toBe(0);
      expect((await keeping.ask('GET', '/v1/audit')).body).toMatchObject({
        data: [
          { action: 'removed', kind: 'audit', author: { kind: 'system' }, after: { entries: 2 } },
          { subject: 'young' },
          { subject: 'kept' },
        ],
      });
      const young = database.transaction(async (statements) => {
        await sql`SELECT set_config('tributary.audit_retention', 'on', true)`.execute(statements);
        await sql`DELETE FROM audit WHERE subject = 'young'`.execute(statements);
      });
      await expect(young).rejects.toThrow('append-only');
    } finally {
      await keeping.stop();
    }
  });
});
