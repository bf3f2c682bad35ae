import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '@tributary/contracts';
import { KafkaConnection, logBounds, readRanges, type LogRecord } from '@tributary/kafka';
import { digestOfIdentifier, profileIdOf } from '@tributary/kernel';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { RunningApi } from '../../test/running-api.fixture.js';
import type { ShownRequest } from './privacy.dto.js';

const api = new RunningApi();
const ask = api.ask.bind(api);

beforeAll(() => api.start({ PRIVACY_SUPPRESSIONS: '8' }));
afterAll(() => api.stop());

const take = (type: string, identifier: string, headers: Record<string, string> = {}) =>
  ask('POST', '/v1/privacy/requests', { type, identifier, reason: 'ticket 1' }, headers);
const idOf = ({ body }: { readonly body: unknown }) => (body as ShownRequest).id;
const done = async (id: string) =>
  eventually(async () => (await ask('GET', `/v1/privacy/requests/${id}`)).body as ShownRequest, {
    until: ({ status }) => status === 'done',
    what: `request ${id}`,
  });
const digests = (...identifiers: readonly string[]) =>
  identifiers.map((one) => digestOfIdentifier(api.workspace, one));

async function suppressed(): Promise<readonly LogRecord[]> {
  const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });
  const { name } = TOPICS.suppressions;
  const bounds = await logBounds(connection, name);
  const last = new Map<string, LogRecord>();
  const ranges = new Map([...bounds].map(([p, { start, end }]) => [p, { from: start, to: end }]));
  await readRanges(connection, name, ranges, (record) => {
    if (record.key.startsWith(`${api.workspace}/`)) last.set(record.key, record);
  });
  return [...last.values()].filter(({ value }) => value !== null);
}

describe('a person who is suppressed', () => {
  it('is so with all identifiers of the profile, by digests alone, and until the contrary is asked for', async () => {
    const ann = ['user_id:ann', 'email:ann@example.com', 'anonymous_id:ann-1'];
    const profile = profileIdOf(api.workspace, 'anonymous_id:ann-1');
    await api.insert(
      'identity_assignments',
      ann.map((identifier, version) => ({
        identifier,
        profile_id: profile,
        version,
        reason: 'linked',
        formerly: [],
      })),
    );
    const taken = await take('suppress', 'email:ann@example.com');
    expect(taken).toMatchObject({ status: 201, body: { type: 'suppress', reason: 'ticket 1' } });
    const request = await done(idOf(taken));
    expect(new Set(request.digests)).toEqual(new Set(digests(...ann)));
    expect(request).toMatchObject({
      identifiers: null,
      receipts: [{ store: 'control.suppressions.v1', action: 'suppressed', count: 3 }],
    });
    const records = await suppressed();
    expect(new Set(records.map(({ key }) => key.split('/')[1]))).toEqual(new Set(digests(...ann)));
    for (const { key, value } of records) expect(`${key}${String(value)}`).not.toMatch(/ann/i);

    // Of a person who was deleted the tables know nothing more.
    await api.tables.command({ query: 'TRUNCATE TABLE profile_identifiers' });
    const back = await done(idOf(await take('unsuppress', 'user_id:ann')));
    expect(back.receipts).toMatchObject([{ action: 'unsuppressed', count: 3 }]);
    expect(await suppressed()).toEqual([]);
  });

  it('is written down in the audit log without a name', async () => {
    const id = idOf(await take('suppress', 'user_id:audited'));
    await done(id);
    const { body } = await ask('GET', `/v1/audit?kind=privacy-request&subject=${id}`);
    expect(body).toMatchObject({
      data: [{ action: 'created', reason: 'ticket 1', after: { type: 'suppress' } }],
    });
    expect(JSON.stringify((await ask('GET', '/v1/audit')).body)).not.toContain('user_id:audited');
    await done(idOf(await take('unsuppress', 'user_id:audited')));
  });

  it('is one more than there may be', async () => {
    for (let n = 0; n < 8; n += 1) await done(idOf(await take('suppress', `user_id:full-${n}`)));
    expect(await take('suppress', 'user_id:full-8')).toMatchObject({
      status: 409,
      body: { error: { code: 'limit_reached' } },
    });
    // Who is suppressed already takes no more room.
    expect((await take('suppress', 'user_id:full-1')).status).toBe(201);
  });
});

describe('a request that is sent again', () => {
  it('is the one that there is, by its key', async () => {
    const key = { 'idempotency-key': uniqueName('key') };
    const first = await take('unsuppress', 'user_id:again', key);
    await done(idOf(first));
    const again = await take('unsuppress', 'user_id:again', key);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(idOf(again)).toBe(idOf(first));
    expect(await take('unsuppress', 'user_id:other', key)).toMatchObject({
      status: 409,
      body: { error: { code: 'idempotency_key_reused' } },
    });
    expect(await take('unsuppress', 'user_id:other', { 'idempotency-key': 'x'.repeat(201) })).toMatchObject({
      status: 400,
    });
  });

  it('is in the list of requests, the latest first, and the list is filtered by identifier', async () => {
    const ids = [];
    for (const who of ['a', 'b', 'a'])
      ids.push((await done(idOf(await take('unsuppress', `user_id:listed-${who}`)))).id);
    const page = (path: string) =>
      ask('GET', `/v1/privacy/requests?${path}`).then(
        ({ body }) => body as { data: ShownRequest[]; cursor: { next: string } },
      );
    const all = await page('limit=2');
    expect(all.data.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const next = await page(`limit=2&cursor=${all.cursor.next}`);
    expect(next.data[0]?.id).toBe(ids[0]);
    expect((await page('identifier=user_id:listed-a')).data.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
    expect((await page('status=failed')).data).toEqual([]);
    expect(await ask('GET', '/v1/privacy/requests/0123456789abcdef')).toMatchObject({ status: 404 });
  });
});
