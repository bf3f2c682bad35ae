import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createClickHouse,
  createDatabase,
  IDENTITY_ASSIGNMENTS_SCHEMA,
  migrate,
} from '@tributary/clickhouse';
import { splitId, TOPICS } from '@tributary/contracts';
import { KafkaConnection, TopicFollower, type LogRecord } from '@tributary/kafka';
import { failed, profileIdOf, toInstant } from '@tributary/kernel';
import { DEFAULT_RULES } from '@tributary/identity';
import { readSettings, startService, type RunningService } from '@tributary/service';
import { clickhouseUrl, createTestDatabase, type TestDatabase } from '@tributary/testing';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { api } from '../api.js';
import { API_SETTINGS, type ApiConfig } from '../api.config.js';
import { ThreadDryRuns } from './dry-run/thread.dry-runs.js';
import type { ShownGraph, ShownLink } from './graph/graph.dto.js';
import type { Answer } from '../../test/running-identity.fixture.js';
import { TABLES } from '../../test/tables.fixture.js';
import type { ShownDryRun } from './dry-run/dry-run.dto.js';

const workspace = uniqueName('workspace');
const database = uniqueName('api').replaceAll('-', '_');

const EMAIL = "email:o'ann\\😀\n@example.com";
const ANN = profileIdOf(workspace, 'user_id:ann');
const since = Date.parse('2026-01-02T03:04:05.678Z');
const at = (second: number) => toInstant(since + 1_000 * second);

let client: ClickHouseClient;
let service: RunningService;
let definitionsKept: TestDatabase;

function configOf(more: Readonly<Record<string, string>> = {}): ApiConfig {
  const settings = readSettings(API_SETTINGS, {
    KAFKA_BROKERS: kafkaBrokers().join(','),
    CLICKHOUSE_URL: clickhouseUrl(),
    CLICKHOUSE_DATABASE: database,
    DATABASE_URL: definitionsKept.url,
    TRIBUTARY_WORKSPACE: workspace,
    API_PORT: '0',
    LOG_LEVEL: 'fatal',
    ...more,
  });
  if (!settings.ok) throw new Error(settings.error.join('\n'));
  return settings.value;
}

const start = (more?: Readonly<Record<string, string>>) => startService(api, configOf(more));

async function ask<T>(method: string, path: string, body?: object, of = service): Promise<Answer<T>> {
  const response = await fetch(`${of.url}/v1/identity${path}`, {
    method,
    headers: {
      authorization: 'Bearer dev-api-token',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const etag = response.headers.get('etag') ?? '';
  return { status: response.status, etag, body: (text && JSON.parse(text)) as Answer<T>['body'] };
}

const insert = (table: string, values: readonly object[]) =>
  client.insert({
    table,
    format: 'JSONEachRow',
    values: values.map((row) => ({ workspace_id: workspace, ...row })),
  });

/** What an end says of a link; a former word of it is there, too. */
const eligibility = (a: string, b: string, second: number, refusal = '') =>
  [false, true].map((isLatest) => ({
    kind: 'eligibility',
    a,
    b,
    refusal: isLatest ? refusal : 'supernode',
    eligible: isLatest && refusal === '',
    first_seen: at(second + (isLatest ? 0 : 1)),
    end_first_seen: at(second - 1),
    version: isLatest ? 10 : 9,
  }));
const assigned = (identifier: string, profile_id: string, version = 60, reason = 'linked') => ({
  identifier,
  profile_id,
  version,
  reason,
  at: at(version),
});
const link = (a: string, b: string, second: number, ...refusals: readonly string[]) => [
  ...eligibility(a, b, second, refusals[0]),
  ...eligibility(b, a, second, refusals[1]),
];

beforeAll(async () => {
  definitionsKept = await createTestDatabase();
  await createDatabase({ url: clickhouseUrl(), database });
  client = createClickHouse({ url: clickhouseUrl(), database });
  service = await start();
}, 60_000);

afterAll(async () => {
  await service.close();
  await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
  await client.close();
  await definitionsKept.drop();
}, 60_000);

describe('before the tables are made', () => {
  it('answers the graph and a dry run with 503', async () => {
    expect((await ask('GET', '/graph?identifier=user_id:ann')).status).toBe(503);
    expect(await ask('PUT', '/rules?dryRun=true', DEFAULT_RULES)).toMatchObject({
      status: 503,
      body: { error: { code: 'unavailable' } },
    });
  });
});

describe('rules and splits', () => {
  it('are records of their topics, never removed, and known after a restart', async () => {
    const records: LogRecord[] = [];
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });
    const followers = [TOPICS.identityRules, TOPICS.splits].map(
      (topic) =>
        new TopicFollower(connection, topic, (record) => {
          if (record.key.startsWith(`${workspace}/`)) records.push(record);
        }),
    );
    await Promise.all(followers.map((follower) => follower.start()));
    const namespaces = { ...DEFAULT_RULES.namespaces, crm: { ...DEFAULT_RULES.namespaces['*']!, limit: 2 } };
    const { etag } = await ask('PUT', '/rules', { namespaces });
    expect((await ask('DELETE', '/rules')).status).toBe(204);
    const path = `/splits/${encodeURIComponent(EMAIL)}/user_id:bob`;
    expect((await ask('PUT', path, { reason: 'two people' })).status).toBe(201);
    expect((await ask('DELETE', path)).status).toBe(204);
    await eventually(() => records.length === 4);
    await Promise.all(followers.map((follower) => follower.stop()));

    const written = records.map(({ key, headers, value }) => ({
      key,
      schema: headers.schema,
      value: JSON.parse(String(value)) as unknown,
    }));
    const [first] = records.filter(({ key }) => key === `${workspace}/rules`);
    expect(etag).toBe(`"${first?.headers.version}"`);
    const rules = (value: object) => ({ key: `${workspace}/rules`, schema: 'identity-rules@1', value });
    const split = (value: object) => ({
      key: `${workspace}/${splitId(EMAIL, 'user_id:bob')}`,
      schema: 'split@1',
      value: expect.objectContaining({
        a: EMAIL,
        b: 'user_id:bob',
        reason: 'two people',
        ...value,
      }) as unknown,
    });
    expect(written.filter(({ schema }) => schema === 'split@1')).toEqual([
      split({ apart: true }),
      split({ apart: false }),
    ]);
    expect(written.filter(({ schema }) => schema === 'identity-rules@1')).toEqual([
      rules(expect.objectContaining({ workspaceId: workspace, namespaces })),
      rules(expect.objectContaining(DEFAULT_RULES)),
    ]);

    const before = [await ask('GET', '/rules'), await ask('GET', '/splits?apart=all')];
    await service.close();
    service = await start();
    expect([await ask('GET', '/rules'), await ask('GET', '/splits?apart=all')]).toEqual(before);
  }, 60_000);
});

describe('over the tables', () => {
  beforeAll(async () => {
    for (const query of TABLES) await client.command({ query });
    await migrate(client, IDENTITY_ASSIGNMENTS_SCHEMA);
    await insert('identity_links', [
      ...link('user_id:ann', 'device:1', 10),
      ...link('user_id:ann', EMAIL, 20),
      ...link('device:1', 'device:2', 30),
      ...link('device:2', 'user_id:bob', 40),
      ...link('user_id:ann', 'email:noreply', 50, 'blocked', 'blocked'),
    ]);
    await insert('identity_links', [
      { kind: 'eligibility', a: 'user_id:else', b: 'device:1', version: 1, workspace_id: 'other' },
    ]);
    await insert('identity_assignments', [
      assigned(EMAIL, 'former', 1, 'alone'),
      ...['user_id:ann', 'device:1', 'device:2'].map((identifier) => assigned(identifier, ANN)),
      { ...assigned(EMAIL, ANN), formerly: ['former', ANN] },
    ]);
    const event = (message_id: string, second: number, ...identifiers: string[]) => ({
      identifier: identifiers[0],
      message_id,
      type: 'track',
      event: 'Seen',
      source_id: 'web',
      received_at: at(second),
      identifiers,
    });
    await insert('events_log', [
      event('m2', 21, 'user_id:ann', EMAIL),
      event('m1', 20, 'user_id:ann', EMAIL, 'device:1'),
      event('m0', 20, 'user_id:bob', 'device:2'),
      event('m3', 30, 'user_id:ann', 'device:2', 'device:1'),
      event('m4', 9, 'user_id:lonely'),
    ]);
  });

  const graphOf = async (identifier: string, to?: string) => {
    const more = to === undefined ? '' : `&to=${encodeURIComponent(to)}`;
    return (await ask<ShownGraph>('GET', `/graph?identifier=${encodeURIComponent(identifier)}${more}`)).body;
  };
  const short = ({ a, b, state, refusal, firstEvent }: ShownLink) =>
    [a, b, state, refusal?.rule, firstEvent?.messageId] as const;

  it('shows why two are one person, and by what a third is none', async () => {
    const shown = await graphOf(EMAIL, 'device:2');
    expect(shown).toMatchObject({ identifier: EMAIL, profileId: ANN, truncated: false });
    expect(shown.identifiers.map(({ identifier }) => identifier)).toEqual([
      'device:1',
      'user_id:ann',
      EMAIL,
      'device:2',
    ]);
    expect(shown.identifiers[2]).toMatchObject({ firstSeenAt: at(19), since: at(60), reason: 'linked' });
    expect(shown.links.map(short)).toEqual([
      ['device:1', 'user_id:ann', 'joined', undefined, 'm1'],
      [EMAIL, 'user_id:ann', 'joined', undefined, 'm1'],
      ['device:1', 'device:2', 'joined', undefined, 'm3'],
      ['device:2', 'user_id:bob', 'refused', 'limit', 'm0'],
      ['email:noreply', 'user_id:ann', 'refused', 'blocked', undefined],
    ]);
    expect(shown.links[1]?.firstEvent).toEqual({
      sourceId: 'web',
      messageId: 'm1',
      type: 'track',
      event: 'Seen',
      receivedAt: at(20),
    });
    expect(shown.path?.map(({ a, b }) => [a, b])).toEqual([
      [EMAIL, 'user_id:ann'],
      ['device:1', 'user_id:ann'],
      ['device:1', 'device:2'],
    ]);
  });

  it('shows one that was never linked, and none that was never seen', async () => {
    expect(await graphOf('user_id:lonely')).toMatchObject({
      identifiers: [{ identifier: 'user_id:lonely', since: at(9), reason: 'alone' }],
      links: [],
    });
    expect((await ask('GET', '/graph?identifier=user_id:else')).status).toBe(404);
  });

  it('shows a profile of very many identifiers, whatever the length of a URL', async () => {
    const many = Array.from({ length: 900 }, (_, i) => `device:${'x'.repeat(200)}${i}`);
    const first = 'user_id:many';
    await insert(
      'identity_links',
      many.flatMap((z, i) => link(first, z, 100 + i)),
    );
    await insert(
      'identity_assignments',
      [first, ...many].map((identifier) => assigned(identifier, 'many')),
    );
    const shown = await graphOf(many[7]!);
    expect([shown.identifiers.length, shown.links.length, shown.truncated]).toEqual([901, 900, false]);
  });

  it('tells in a thread of its own what other rules would change', async () => {
    const namespaces = { ...DEFAULT_RULES.namespaces };
    namespaces.user_id = { ...namespaces.user_id!, limit: 2 };
    const run = await ask<ShownDryRun>('PUT', '/rules?dryRun=true', { namespaces });
    expect(run).toMatchObject({
      status: 200,
      body: {
        dryRun: true,
        merges: { profiles: 1, of: 2, samples: [{ profileId: expect.any(String) as unknown, size: 6 }] },
        splits: { profiles: 0 },
        moved: 1,
      },
    });
    const [sample] = run.body.merges.samples;
    expect(sample?.others.map(({ size, identifiers }) => [size, ...identifiers])).toEqual([
      [5, 'device:1', 'device:2', 'email:noreply', EMAIL, 'user_id:ann'],
      [1, 'user_id:bob'],
    ]);
    expect((await ask('GET', '/rules')).body).not.toMatchObject({ namespaces });
  });

  it('does not look at more links than it may', async () => {
    const small = await start({ API_DRY_RUN_LINKS: '4' });
    const answer = await ask('PUT', '/rules?dryRun=true', DEFAULT_RULES, small);
    await small.close();
    expect(answer).toMatchObject({ status: 422, body: { error: { code: 'dry_run_too_large' } } });
  });

  it('ends the thread when its asker leaves', async () => {
    const runs = new ThreadDryRuns(configOf());
    const order = {
      workspaceId: workspace,
      before: DEFAULT_RULES,
      after: DEFAULT_RULES,
      apart: [],
      mostLinks: 2_000,
    };
    const leaving = new AbortController();
    const left = runs.run(order, leaving.signal);
    leaving.abort();
    expect(await left).toEqual(failed({ why: 'aborted' }));
    expect(await runs.run(order, new AbortController().signal)).toMatchObject({ ok: true });
    runs.onApplicationShutdown();
    expect(await runs.run(order, new AbortController().signal)).toEqual(failed({ why: 'aborted' }));
  });
});
