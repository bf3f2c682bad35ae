import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { audienceQuery, parseQuery } from '@tributary/audiences';
import type { CommonConfig } from '@tributary/service';
import { clickhouseUrl, uniqueName } from '@tributary/testing';
import {
  createClickHouse,
  createDatabase,
  IDENTITY_ASSIGNMENTS_SCHEMA,
  migrate,
} from '@tributary/clickhouse';
import { EVENTS_BY_PROFILE, TABLES } from '../../../test/tables.fixture.js';
import type { ApiConfig } from '../../api.config.js';
import { inWorkspace } from '../../workspaces/current-workspace.js';
import { ClickHousePreviews } from './clickhouse.previews.js';

const database = uniqueName('previews');
const previewsFor = (API_PREVIEW_SECONDS: number) =>
  new ClickHousePreviews({
    ...{ CLICKHOUSE_URL: clickhouseUrl(), CLICKHOUSE_DATABASE: database },
    ...{ API_PREVIEW_SECONDS, API_PREVIEW_MEMORY_MB: 64 },
  } as ApiConfig & CommonConfig);
const [hasty, patient] = [previewsFor(1), previewsFor(60)];
const tables = createClickHouse({ url: clickhouseUrl(), database });

beforeAll(async () => {
  await createDatabase({ url: clickhouseUrl(), database });
  await migrate(tables, IDENTITY_ASSIGNMENTS_SCHEMA);
  for (const query of [...TABLES, EVENTS_BY_PROFILE]) await tables.command({ query });
});
afterAll(async () => {
  await Promise.all([hasty, patient].map((previews) => previews.onApplicationShutdown()));
  await tables.command({ query: `DROP DATABASE IF EXISTS ${database}` });
  await tables.close();
});

const count = (query: string, parameters = {}, previews = patient) =>
  inWorkspace('w', () => previews.count({ query, parameters }));
const failure = (setting: string) => ({
  ok: false,
  error: { code: 'preview_too_large', message: expect.stringContaining(setting) as unknown },
});

describe('previews', () => {
  it('end when they have taken as long as they may', async () => {
    const query = 'SELECT toString(number) AS profile_id FROM system.numbers';
    expect(await count(query, {}, hasty)).toMatchObject(failure('API_PREVIEW_SECONDS'));
  }, 20_000);

  it('end when they need more memory than they may', async () => {
    const query = "SELECT arrayJoin(groupArray(repeat('x', 1000))) AS profile_id FROM numbers(1000000)";
    expect(await count(query)).toMatchObject(failure('API_PREVIEW_MEMORY_MB'));
  }, 20_000);

  it('take the longest query that a definition may be, and refuse a tree that is much longer', async () => {
    const one = (i: number) =>
      `event('Ä${i} ${'é'.repeat(200)}').where(property('p${i}') = 'v${i}').count() >= ${i}`;
    const text = Array.from({ length: 50 }, (_, i) => one(i)).join(' AND ');
    const parsed = parseQuery(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const { query, parameters } = audienceQuery(parsed.value, { at: 0 });
    const counted = await count(query, parameters);
    expect(counted).toEqual({ ok: true, value: { size: 0, sample: [] } });
    expect(await count(query, { text0: 'x'.repeat(600_000) })).toMatchObject(failure('too many filters'));
  }, 60_000);
});
