import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { sql } from 'kysely';
import { RunningApi } from '../../test/running-api.fixture.js';
import { RequestsStore } from './requests.store.js';

const api = new RunningApi();
beforeAll(() => api.start());
afterAll(() => api.stop());

const store = () => api.service.app.get(RequestsStore, { strict: false });

/** A request as a process left it. */
async function left(id: string, lease: 'held' | 'over'): Promise<void> {
  const leasedUntil = sql`now() + interval '1 hour' * ${lease === 'held' ? 1 : -1}`;
  await store().database.run((statements) =>
    sql`INSERT INTO privacy_requests (id, workspace, type, status, digest, digests, identifiers, receipts, author,
          created_at, updated_at, due_at, leased_by, leased_until)
        VALUES (${id}, ${api.workspace}, 'unsuppress', 'running', ${id}, '[]', '["user_id:u"]', '[]', '{}',
          now(), now(), now() - interval '1 minute', 'another', ${leasedUntil})`.execute(statements),
  );
}
const statusOf = async (id: string) => (await store().find(id, api.workspace))?.status;

describe('a request that a process was working on', () => {
  it('is another’s when the process has not been heard of for the time of its lease', async () => {
    await left('0000000000000001', 'over');
    await eventually(async () => (await statusOf('0000000000000001')) === 'done');
    expect((await store().find('0000000000000001', api.workspace))?.identifiers).toBeNull();
  });

  it('is nobody else’s meanwhile, and what a former one keeps counts for nothing', async () => {
    await left('0000000000000002', 'held');
    expect(await store().claim('me')).toBeUndefined();
    const row = await store().find('0000000000000002', api.workspace);
    const turn = { progress: null, receipts: [], waitsFor: null, pauseMs: 0, isForgotten: true };
    await store().keep(row!, 'me', { ...turn, status: 'done' });
    expect(await statusOf('0000000000000002')).toBe('running');
    expect(await store().renew('0000000000000002', 'me')).toBe(false);
    expect(await store().renew('0000000000000002', 'another')).toBe(true);
    await store().keep(row!, 'another', { ...turn, status: 'done' });
    expect(await statusOf('0000000000000002')).toBe('done');
  });
});
