import { createClient } from '@clickhouse/client';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TOPICS, type ProfileMessage } from '@tributary/contracts';
import { Client } from '@tributary/harness';
import { eventually } from '@tributary/testing';
import { identifiersOf, PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(120_000);

const underTest = new PlatformUnderTest();
const QUERY = "event('Order Completed').count() >= 1";
const WORKSPACES = ['north', 'south'] as const;
const clients = new Map<string, Client>();

const of = (workspace: string): Client => {
  const client = clients.get(workspace);
  if (!client) throw new Error(`there is no client of ${workspace}`);
  return client;
};

/** A workspace with a source `web` and an audience `spring`, asked with a token of its own. */
async function make(workspace: string, audience: string): Promise<void> {
  await underTest.client.ask('PUT', `/v1/workspaces/${workspace}`, { name: workspace });
  const made = await underTest.client.api('/v1/tokens', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Workspace': workspace },
    body: JSON.stringify({ name: workspace, scopes: ['admin'] }),
  });
  const { token: apiToken } = (await made.json()) as { readonly token: string };
  const writeKey = `wk_of_${workspace}`;
  const client = new Client({ ...underTest.client.address, apiToken, writeKey });
  clients.set(workspace, client);
  await client.ask('PUT', '/v1/sources/web', { name: workspace, writeKeys: [{ key: writeKey }] });
  await client.putAudience('spring', audience);
}

const put = (workspace: string, more: object) =>
  underTest.client.ask('PUT', `/v1/workspaces/${workspace}`, { name: workspace, ...more });

const sent = async (workspace: string, count = 1) => {
  const batch = Array.from({ length: count }, () => ({ type: 'track', event: 'Seen', userId: 'eve' }));
  return of(workspace).post('/v1/batch', JSON.stringify({ batch }));
};

async function rows<T>(query: string): Promise<readonly T[]> {
  const clickhouse = createClient({ url: underTest.platform.clickhouseUrl, database: 'tributary' });
  try {
    return await (await clickhouse.query({ query, format: 'JSONEachRow' })).json<T>();
  } finally {
    await clickhouse.close();
  }
}

beforeAll(async () => {
  await make('north', QUERY);
  await make('south', "trait('city') = 'of-south'");
  for (const workspace of WORKSPACES)
    await eventually(async () => (await sent(workspace)).status, { until: (status) => status === 200 });
});

describe('two workspaces to which the same people come', () => {
  const profile = async (workspace: string, until: (profile: ProfileMessage) => boolean) =>
    eventually(() => of(workspace).profile('user_id:ann'), { until, withinMs: 40_000, what: workspace });

  it('have profiles, links, audiences, tables and records of their own', async () => {
    for (const workspace of WORKSPACES)
      await of(workspace).send({
        type: 'identify',
        userId: 'ann',
        anonymousId: `phone-of-${workspace}`,
        traits: { city: `of-${workspace}` },
      });
    await of('north').send({ type: 'track', event: 'Order Completed', userId: 'ann' });

    const north = await profile('north', ({ eventCount }) => eventCount === 2);
    const south = await profile('south', ({ identifiers }) => identifiers.length === 2);
    expect(north.traits).toEqual({ city: 'of-north' });
    expect(south.traits).toEqual({ city: 'of-south' });
    expect(identifiersOf(north)).toEqual(['anonymous_id:phone-of-north', 'user_id:ann']);
    expect(identifiersOf(south)).toEqual(['anonymous_id:phone-of-south', 'user_id:ann']);
    expect(south.eventCount).toBe(1);

    for (const [workspace, { profileId }] of [
      ['north', north],
      ['south', south],
    ] as const)
      await eventually(() => of(workspace).members('spring'), {
        until: (members) => members.length === 1 && members[0] === profileId,
        withinMs: 40_000,
        what: `the member of spring in ${workspace}`,
      });
    expect((await of('north').api(`/v1/profiles/${south.profileId}`)).status).toBe(404);
    expect((await underTest.client.api('/v1/profiles?identifier=user_id:ann')).status).toBe(404);

    const changes = await underTest.changesOf('spring', 2);
    expect(changes.map(({ workspaceId, profileId }) => [workspaceId, profileId]).sort()).toEqual([
      ['north', north.profileId],
      ['south', south.profileId],
    ]);
    const events = await underTest.read(TOPICS.events, 'event@1');
    const told = new Set(events.map(({ workspaceId, sourceId }) => `${workspaceId}/${sourceId}`));
    expect(told).toEqual(new Set(['north/web', 'south/web']));
    const inTables = () =>
      rows(
        `SELECT workspace_id, count() AS events FROM events_log WHERE user_id = 'ann' GROUP BY workspace_id ORDER BY workspace_id`,
      );
    const countOf = (row: unknown) => Number((row as { readonly events: unknown }).events);
    // A profile is read before the tables have what it is made of.
    const tables = await eventually(inTables, {
      until: (found) => found.map(countOf).reduce((sum, count) => sum + count, 0) >= 3,
      withinMs: 40_000,
    });
    expect(tables).toEqual([
      { workspace_id: 'north', events: expect.anything() },
      { workspace_id: 'south', events: expect.anything() },
    ]);
    expect(tables.map((row) => Number((row as { readonly events: unknown }).events))).toEqual([2, 1]);
  });

  it('write identifiers by rules of their own, and keep apart whom they split', async () => {
    const rule = { priority: 1, limit: 5, supernode: 50, blocked: [], normalise: ['lowercase'] };
    await of('north').ask('PUT', '/v1/identity/rules', { namespaces: { '*': rule } });
    const identifierOf = async (workspace: string) => {
      await of(workspace).send({ type: 'track', event: 'Written', userId: 'BOB' });
      const events = await underTest.read(TOPICS.events, 'event@1');
      return events.findLast((event) => event.workspaceId === workspace && event.event === 'Written')
        ?.identifiers;
    };
    await eventually(() => identifierOf('north'), { until: (written) => written?.[0] === 'user_id:bob' });
    expect(await identifierOf('south')).toEqual(['user_id:BOB']);

    await of('south').ask('PUT', '/v1/identity/splits/user_id:ann/anonymous_id:phone-of-south', {});
    await profile('south', ({ identifiers }) => identifiers.length === 1);
    expect((await of('north').profile('user_id:ann')).identifiers).toHaveLength(2);
  });
});

describe('a workspace', () => {
  it('is kept to its events a second, and another is not', async () => {
    await put('south', { quotas: { eventsPerSecond: 20 } });
    const refused = await eventually(() => sent('south', 20), { until: ({ status }) => status === 429 });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: 'quota_exceeded' });
    expect((await sent('north', 100)).status).toBe(200);
    const metrics = await (await fetch(`${underTest.client.address.collectorUrl}/metrics`)).text();
    expect(metrics).toMatch(
      /requests_not_kept_total\{source="web",code="quota_exceeded",workspace="south",service="collector"\} [1-9]/,
    );
    await put('south', {});
    await eventually(() => sent('south', 100), { until: ({ status }) => status === 200 });
  });

  it('sends nothing while it is disabled', async () => {
    await put('south', { enabled: false });
    const refused = await eventually(() => sent('south'), { until: ({ status }) => status === 403 });
    expect(await refused.json()).toMatchObject({ code: 'workspace_disabled' });
    expect((await sent('north')).status).toBe(200);
    await put('south', {});
    await eventually(() => sent('south'), { until: ({ status }) => status === 200 });
  });
});
