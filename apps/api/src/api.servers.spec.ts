import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClickHouseClient } from '@clickhouse/client';
import {
  createClickHouse,
  createDatabase,
  IDENTITY_ASSIGNMENTS_SCHEMA,
  migrate,
} from '@tributary/clickhouse';
import { parseQuery, wantedBy, type WantedAggregate } from '@tributary/audiences';
import { TOPICS, type AudienceMessage } from '@tributary/contracts';
import { KafkaConnection, TopicFollower, type LogRecord } from '@tributary/kafka';
import { profileIdOf } from '@tributary/kernel';
import { readSettings, startService, type RunningService } from '@tributary/service';
import {
  clickhouseUrl,
  createTestDatabase,
  eventually,
  kafkaBrokers,
  uniqueName,
  type TestDatabase,
} from '@tributary/testing';
import { Activating } from '../test/activating.fixture.js';
import { TABLES } from '../test/tables.fixture.js';
import { api } from './api.js';
import { API_SETTINGS } from './api.config.js';

const workspace = uniqueName('workspace');
const database = uniqueName('api').replaceAll('-', '_');
const PARTITIONS = 8;
const ANN = profileIdOf(workspace, 'user_id:ann');
const BOB = profileIdOf(workspace, 'user_id:bob');
const since = '2026-01-02T03:04:05.678Z';

const activating = new Activating(workspace, PARTITIONS);
let client: ClickHouseClient;
let service: RunningService;
let definitionsKept: TestDatabase;
let followers: readonly TopicFollower[] = [];
const definitions: LogRecord[] = [];

async function start(): Promise<RunningService> {
  const settings = readSettings(API_SETTINGS, {
    KAFKA_BROKERS: kafkaBrokers().join(','),
    CLICKHOUSE_URL: clickhouseUrl(),
    CLICKHOUSE_DATABASE: database,
    DATABASE_URL: definitionsKept.url,
    KAFKA_PARTITIONS: String(PARTITIONS),
    TRIBUTARY_WORKSPACE: workspace,
    API_PORT: '0',
    LOG_LEVEL: 'fatal',
  });
  if (!settings.ok) throw new Error(settings.error.join('\n'));
  return startService(api, settings.value);
}

async function ask(method: string, path: string, body?: object) {
  const response = await fetch(`${service.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      authorization: 'Bearer dev-api-token',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && (JSON.parse(text) as unknown) };
}

async function fillTables(): Promise<void> {
  await createDatabase({ url: clickhouseUrl(), database });
  await migrate(client, IDENTITY_ASSIGNMENTS_SCHEMA);
  for (const query of TABLES) await client.command({ query });
  const row = (profile_id: string, merged_into: string, profile: object) => ({
    workspace_id: workspace,
    profile_id,
    merged_into,
    profile: JSON.stringify(profile),
  });
  await client.insert({
    table: 'latest_profiles',
    format: 'JSONEachRow',
    values: [row(ANN, '', { profileId: ANN, traits: { name: 'Ann ✓' } }), row(BOB, ANN, {})],
  });
  await client.insert({
    table: 'identity_assignments',
    format: 'JSONEachRow',
    values: [BOB, ANN].map((profile_id, version) => ({
      workspace_id: workspace,
      identifier: "email:o'ann@example.com",
      profile_id,
      version,
    })),
  });
  await client.insert({
    table: 'current_memberships',
    format: 'JSONEachRow',
    values: [ANN, BOB].map((profile_id) => ({
      workspace_id: workspace,
      audience_key: 'members',
      profile_id,
      since,
      identifiers: ['user_id:x'],
    })),
  });
}

beforeAll(async () => {
  definitionsKept = await createTestDatabase();
  client = createClickHouse({ url: clickhouseUrl(), database });
  service = await start();
  const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });
  followers = [
    new TopicFollower(connection, TOPICS.audiences, (record) => {
      if (record.key.startsWith(`${workspace}/`)) definitions.push(record);
    }),
  ];
  await Promise.all(followers.map((follower) => follower.start()));
  await activating.connect();
}, 60_000);

afterAll(async () => {
  await Promise.all(followers.map((follower) => follower.stop()));
  await activating.stop();
  await service.close();
  await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
  await client.close();
  await definitionsKept.drop();
}, 60_000);

const put = (key: string, query: string) => ask('PUT', `/v1/audiences/${key}`, { name: key, query });

describe('before the tables are made', () => {
  it('answers profiles with 503, and audiences without a size', async () => {
    expect(await ask('GET', `/v1/profiles/${ANN}`)).toMatchObject({
      status: 503,
      body: { error: { code: 'unavailable' } },
    });
    expect(await put('early', "trait('plan').exists()")).toMatchObject({ status: 201, body: { size: null } });
  });
});

function wantedByQuery(query: string): readonly WantedAggregate[] {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return wantedBy(parsed.value);
}

describe('putting an audience', () => {
  const bought = "event('Bought').within(7 days).count() >= 2";

  it('answers when every partition of the event log knows its aggregates', async () => {
    const answers: Awaited<ReturnType<typeof put>>[] = [];
    const putting = put('buyers', bought).then((answer) => answers.push(answer));
    await eventually(() => definitions.some(({ key }) => key === `${workspace}/buyers`));
    expect((await ask('GET', '/v1/audiences/buyers')).body).toMatchObject({ state: 'building' });
    for (let partition = 0; partition < PARTITIONS - 1; partition += 1)
      await activating.activate(partition, wantedByQuery(bought));
    await eventually(async () => {
      const { body } = await ask('GET', '/v1/audiences/buyers');
      return (body as { progress: number }).progress === 1 - 1 / PARTITIONS;
    });
    expect((await ask('GET', '/v1/audiences/buyers')).body).toMatchObject({ state: 'building' });
    expect(answers).toEqual([]);
    await activating.activate(PARTITIONS - 1, wantedByQuery(bought));
    await putting;
    expect(answers).toMatchObject([{ status: 201, body: { state: 'live' } }]);
    const definition = definitions.find(({ key }) => key === `${workspace}/buyers`)!;
    expect(answers[0]?.headers.get('etag')).toBe(`"${definition.headers.version}"`);
    expect(JSON.parse(String(definition.value)) as AudienceMessage).toMatchObject({
      workspaceId: workspace,
      key: 'buyers',
      query: bought,
    });
  });

  it('is live at once where its aggregates are counted already, also after a restart', async () => {
    expect((await put('lapsed', "event('Bought').within(30 days).count() < 2")).body).toMatchObject({
      state: 'live',
    });
    await service.close();
    service = await start();
    expect((await put('lapsing', "event('Bought').within(60 days).count() < 2")).body).toMatchObject({
      state: 'live',
    });
  }, 60_000);

  it('answers that it is building where nobody counts its aggregates, or not as many of them', async () => {
    const often = put('often', "event('Bought').count() >= 3");
    const left = put('left', "event('Left').count() = 0");
    for (const { status, body } of await Promise.all([often, left])) {
      expect({ status, body }).toMatchObject({ status: 201, body: { state: 'building' } });
    }
  }, 60_000);

  it('is known after a restart, and removed by a null record', async () => {
    expect(await ask('GET', '/v1/audiences/buyers')).toMatchObject({ status: 200, body: { key: 'buyers' } });
    expect((await ask('DELETE', '/v1/audiences/buyers')).status).toBe(204);
    expect((await ask('GET', '/v1/audiences/buyers')).status).toBe(404);
    await eventually(() => {
      expect(definitions.findLast(({ key }) => key === `${workspace}/buyers`)?.value).toBeNull();
    });
  });
});

describe('reading the tables', () => {
  beforeAll(fillTables);

  it('shows a profile, and where a merged one went', async () => {
    expect(await ask('GET', `/v1/profiles/${ANN}`)).toMatchObject({
      status: 200,
      body: { profileId: ANN, traits: { name: 'Ann ✓' } },
    });
    const merged = await ask('GET', `/v1/profiles/${BOB}`);
    expect([merged.status, merged.headers.get('location')]).toEqual([307, `/v1/profiles/${ANN}`]);
  });

  it('finds a profile by its latest assignment, and by an identifier that has none', async () => {
    for (const identifier of ["email:o'ann@example.com", 'user_id:ann']) {
      const found = await ask('GET', `/v1/profiles?identifier=${encodeURIComponent(identifier)}`);
      expect(found).toMatchObject({ status: 200, body: { profileId: ANN } });
    }
    const unknown = await ask('GET', '/v1/profiles?identifier=user_id:nobody');
    expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'profile_not_found' } } });
  });

  it('counts and lists members', async () => {
    expect((await put('members', "trait('a') = 1")).body).toMatchObject({ size: 2 });
    const { body } = await ask('GET', '/v1/audiences/members/members?limit=1');
    expect(body).toMatchObject({
      data: [{ profileId: [ANN, BOB].sort()[0], since, identifiers: ['user_id:x'] }],
      cursor: { hasMore: true },
    });
    expect((await ask('GET', '/v1/audiences')).body).toMatchObject({
      data: expect.arrayContaining([
        expect.objectContaining({ key: 'early', size: 0 }),
        expect.objectContaining({ key: 'members', size: 2 }),
      ]) as unknown,
    });
  });
});
