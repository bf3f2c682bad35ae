import { describe, expect, it, jest } from '@jest/globals';
import { ALL_TOPICS, TOPICS } from '@tributary/contracts';
import { logBounds, readRanges } from '@tributary/kafka';
import { eventually } from '@tributary/testing';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identifiersOf, PlatformUnderTest } from './platform-under-test.js';

jest.setTimeout(240_000);

const underTest = new PlatformUnderTest();

/** Twelve values that nobody else has. */
const valuesOf = (who: string) => ({
  userId: `${who}-7f3a-user`,
  anonymousId: `${who}-7f3a-device`,
  email: `${who}-7f3a@mail.example`,
  crm: `${who}-7f3a-crm`,
  name: `${who}-7f3a-name`,
  street: `${who}-7f3a-street`,
  plan: `${who}-7f3a-plan`,
  product: `${who}-7f3a-product`,
  coupon: `${who}-7f3a-coupon`,
  ip: `${who}-7f3a-host`,
  agent: `${who}-7f3a-agent`,
  note: `${who}-7f3a-note`,
});
type Values = ReturnType<typeof valuesOf>;
const ann = valuesOf('ann');
const bob = valuesOf('bob');
const cleo = valuesOf('cleo');

async function send({
  userId,
  anonymousId,
  email,
  crm,
  name,
  street,
  plan,
  product,
  coupon,
  ip,
  agent,
}: Values) {
  const context = { ip, userAgent: agent, externalIds: [{ type: 'crm', id: crm }] };
  await underTest.client.send(
    { type: 'identify', userId, anonymousId, traits: { email, name, street, plan }, context },
    { type: 'track', event: 'Order Completed', userId, properties: { product, coupon, total: 7 }, context },
  );
}

/** A call that is refused, for it names no event. */
async function sendRejected({ email, note }: Values) {
  const call = { type: 'track', userId: 'somebody', context: { traits: { email } }, properties: { note } };
  const response = await underTest.client.post('/v1/batch', JSON.stringify({ batch: [call] }));
  expect(response.status).toBe(400);
}

interface Request {
  readonly id: string;
  readonly status: string;
  readonly waitsFor: string | null;
  readonly identifiers: readonly string[] | null;
  readonly receipts: readonly {
    readonly store: string;
    readonly action: string;
    readonly count: number | null;
  }[];
}

async function done(type: string, identifier: string): Promise<Request> {
  const { id } = (await underTest.client.ask('POST', '/v1/privacy/requests', {
    type,
    identifier,
  })) as Request;
  return eventually(
    async () => (await underTest.client.ask('GET', `/v1/privacy/requests/${id}`)) as Request,
    { until: ({ status }) => status === 'done', withinMs: 90_000, what: `${type} of ${identifier}` },
  );
}

/** With the bytes of what was rejected as text. */
const readable = (rows: string) =>
  rows.replaceAll(
    /"(?:raw|value_base64)":"([^"]+)"/g,
    (whole, raw: string) => whole + Buffer.from(raw.replaceAll('\\/', '/'), 'base64').toString(),
  );

async function ask(query: string): Promise<string> {
  const { clickhouseUrl } = underTest.platform;
  const response = await fetch(`${clickhouseUrl}/?database=tributary`, { method: 'POST', body: query });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

/** A record of theirs that no table took, as a sink keeps it. */
async function refuseRow({ email }: Values): Promise<void> {
  const value = Buffer.from(JSON.stringify({ traits: { email } })).toString('base64');
  await ask(
    `INSERT INTO refused_rows (target_table, topic, kafka_partition, kafka_offset, key, error, value_base64)
     SELECT 'events_log', 'events.v1', 0, rand(), concat(workspace_id, '/email:${email}'), 'odd', '${value}'
     FROM events_log LIMIT 1`,
  );
}

/** Each table's rows as text. */
async function tables(): Promise<ReadonlyMap<string, string>> {
  const names = await ask(
    "SELECT name FROM system.tables WHERE database = 'tributary' AND engine LIKE '%MergeTree' FORMAT TSV",
  );
  const found = new Map<string, string>();
  for (const name of names.split('\n').filter((one) => one !== ''))
    found.set(name, readable(await ask(`SELECT * FROM ${name} FORMAT JSONEachRow`)));
  return found;
}

/** The last record of each key of each topic that is compacted, as text: what stays there. */
async function compacted(): Promise<ReadonlyMap<string, string>> {
  const { connection } = underTest.platform;
  const found = new Map<string, string>();
  for (const { name, cleanup } of ALL_TOPICS) {
    if (!cleanup.compact) continue;
    const bounds = await logBounds(connection, name);
    const last = new Map<string, string | null>();
    const ranges = new Map([...bounds].map(([p, { start, end }]) => [p, { from: start, to: end }]));
    await readRanges(connection, name, ranges, ({ partition, key, value }) => {
      last.set(`${partition} ${key}`, value && String(value));
    });
    found.set(
      name,
      [...last].flatMap(([key, value]) => (value === null ? [] : `${key} ${value}`)).join('\n'),
    );
  }
  return found;
}

/** What docs/privacy.md says of files: freed pages and blocks, what a log compacts or lets expire. */
const STATED_FILES =
  /^(state\/|postgres\/cluster\/|kafka\/log\/(state\.|identity\.|profile\.|profiles\.|audience\.|events\.))/;

/** Which files of the platform's data hold one of the values, but for parts of tables that ClickHouse is to remove. */
async function filesWith(values: Values): Promise<readonly string[]> {
  const { dataDir } = underTest.platform;
  const parts = await ask('SELECT path FROM system.parts WHERE NOT active FORMAT TSV');
  const outdated = parts.split('\n').filter((path) => path !== '');
  const searched = Object.values(values);
  const found = new Set<string>();
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (outdated.some((part) => path.startsWith(part))) continue;
    // Gone meanwhile: servers remove files as they go.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (searched.some((value) => bytes.includes(value))) found.add(path.slice(dataDir.length + 1));
  }
  return [...found];
}

/** Recomputes all from the log. */
async function verify(): Promise<{ readonly code: unknown; readonly says: string }> {
  const { brokers, clickhouseUrl } = underTest.platform;
  const { apiUrl, apiToken } = underTest.client.address;
  const env = {
    ...process.env,
    ...{ KAFKA_BROKERS: brokers, CLICKHOUSE_URL: clickhouseUrl },
    ...{ API_PORT: new URL(apiUrl).port, TRIBUTARY_API_TOKEN: apiToken },
  };
  const main = new URL('../../../tools/verify/dist/main.js', import.meta.url).pathname;
  return new Promise((resolve) => {
    execFile(process.execPath, [main], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, says: stdout + stderr });
    });
  });
}

/** Which of the values are where. */
function traces(of: ReadonlyMap<string, string>, values: Values): readonly string[] {
  return [...of].flatMap(([place, text]) =>
    Object.values(values).flatMap((value) => (text.includes(value) ? [`${place}: ${value}`] : [])),
  );
}
const placesOf = (found: readonly string[]) => [...new Set(found.map((one) => one.split(':')[0]))].sort();

describe('a person who is deleted', () => {
  it('is exported before, is in no table and no compacted topic after, and others stay', async () => {
    await underTest.client.putAudience('buyers', "event('Order Completed').count() >= 1");
    await send(ann);
    await send(bob);
    await sendRejected(ann);
    const who = `user_id:${ann.userId}`;
    const wanted = [who, `anonymous_id:${ann.anonymousId}`, `email:${ann.email}`, `crm:${ann.crm}`];
    const { profileId } = await underTest.profile(
      who,
      (one) => one.eventCount === 2 && wanted.every((id) => identifiersOf(one).includes(id)),
    );
    await underTest.changesOf('buyers', 2);
    await eventually(async () => traces(await tables(), ann), {
      until: (found) =>
        ['rejected_events', 'events_log', 'profiles', 'audience_memberships', 'identity_links'].every(
          (table) => found.some((one) => one.startsWith(`${table}:`)),
        ),
      withinMs: 30_000,
      what: 'rows of all tables',
    });

    await refuseRow(ann);
    await refuseRow(bob);
    const { id } = await done('export', `email:${ann.email}`);
    const exported = await (await underTest.client.api(`/v1/privacy/requests/${id}/export`)).text();
    for (const value of Object.values(ann)) expect(readable(exported)).toContain(value);
    for (const value of Object.values(bob)) expect(exported).not.toContain(value);
    for (const line of exported.trim().split('\n')) JSON.parse(line);

    const request = await done('suppress_with_delete', `email:${ann.email}`);
    expect(request.identifiers).toBeNull();
    const counts = new Map(request.receipts.map(({ store, count }) => [store, count]));
    expect(counts.get('events_log')).toBe(2);
    expect(counts.get('rejected_events')).toBe(1);
    expect(counts.get('refused_rows')).toBe(1);
    expect(traces(await tables(), ann)).toEqual([]);
    expect(counts.get(TOPICS.assignments.name)).toBe(4);
    expect(request.receipts.filter(({ action }) => action === 'kept')).toEqual([]);
    // Changelogs are written within 30 seconds.
    await eventually(async () => placesOf(traces(await compacted(), ann)), {
      until: (places) => places.length === 0,
      withinMs: 60_000,
      what: 'removals in all compacted topics',
    });
    const changes = await underTest.changesWhen('buyers', (all) =>
      all.some(({ cause }) => cause === 'erasure'),
    );
    expect(changes.filter((one) => one.profileId === profileId).at(-1)).toMatchObject({
      ...{ change: 'exited', cause: 'erasure', identifiers: [] },
    });

    const unstated = (await filesWith(ann)).filter((file) => !STATED_FILES.test(file));
    expect(unstated).toEqual([]);

    for (const value of [bob.name, bob.product, bob.email]) {
      expect(JSON.stringify([...(await tables()).values()])).toContain(value);
    }
    expect((await underTest.profile(`user_id:${bob.userId}`, () => true)).eventCount).toBe(2);

    // And nothing more is taken.
    await send(ann);
    await send(bob);
    await underTest.profile(`user_id:${bob.userId}`, ({ eventCount }) => eventCount === 4);
    expect(traces(await tables(), ann)).toEqual([]);
    const { code, says } = await verify();
    expect(code === 0 ? 'zero differences' : says).toBe('zero differences');
  });

  it('is somebody new when they come back, with whom they meet then alone', async () => {
    await send(cleo);
    const user = `user_id:${cleo.userId}`;
    const device = `anonymous_id:${cleo.anonymousId}`;
    const { profileId } = await underTest.profile(
      user,
      (one) => identifiersOf(one).length === 4 && one.eventCount === 2,
    );
    await eventually(
      () => ask(`SELECT count() FROM identifiers_by_profile WHERE profile_id = '${profileId}' FORMAT TSV`),
      { until: (count) => count.trim() === '4', withinMs: 30_000, what: 'identifiers of the profile' },
    );
    const request = await done('delete', device);
    expect(request.identifiers).toBeNull();
    await underTest.client.send({ type: 'page', name: 'Home', userId: cleo.userId });
    await underTest.client.send({
      type: 'page',
      name: 'Home',
      userId: 'dora',
      anonymousId: cleo.anonymousId,
    });
    const dora = await underTest.profile('user_id:dora', (one) => identifiersOf(one).includes(device));
    expect(identifiersOf(dora)).not.toContain(user);
    const back = await underTest.profile(user, ({ eventCount }) => eventCount === 1);
    expect(identifiersOf(back)).toEqual([user]);
    const { code, says } = await verify();
    expect(code === 0 ? 'zero differences' : says).toBe('zero differences');
  });
});
