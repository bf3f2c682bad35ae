import type { ClickHouseClient } from '@clickhouse/client';
import type { Type } from '@nestjs/common';
import {
  createClickHouse,
  createDatabase,
  IDENTITY_ASSIGNMENTS_SCHEMA,
  REFUSED_ROWS_SCHEMA,
  migrate,
} from '@tributary/clickhouse';
import { readSettings, startService, type RunningService } from '@tributary/service';
import {
  clickhouseUrl,
  createTestDatabase,
  kafkaBrokers,
  uniqueName,
  type TestDatabase,
} from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api } from '../src/api.js';
import { API_SETTINGS } from '../src/api.config.js';
import { AppModule } from '../src/app.module.js';
import { Activating } from './activating.fixture.js';
import { EVENTS_BY_PROFILE, TABLES } from './tables.fixture.js';

/** An answer of the API, its body read where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The API over the broker and the engine of the run, in a workspace and a database of its own, asked with its token. */
export class RunningApi {
  readonly workspace = uniqueName('workspace');
  readonly #database = uniqueName('api');
  #definitions: TestDatabase | undefined;
  #folder: string | undefined;
  #client: ClickHouseClient | undefined;
  #service: RunningService | undefined;
  #activating: Activating | undefined;

  constructor(private readonly module: Type = AppModule) {}

  get service(): RunningService {
    if (!this.#service) throw new Error('the API was not started');
    return this.#service;
  }

  get tables(): ClickHouseClient {
    return (this.#client ??= createClickHouse({ url: clickhouseUrl(), database: this.#database }));
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#definitions ??= await createTestDatabase();
    this.#folder ??= await mkdtemp(join(tmpdir(), 'tributary-api-'));
    const config = readSettings(API_SETTINGS, {
      KAFKA_BROKERS: kafkaBrokers().join(','),
      CLICKHOUSE_URL: clickhouseUrl(),
      CLICKHOUSE_DATABASE: this.#database,
      DATABASE_URL: this.#definitions.url,
      TRIBUTARY_DATA: this.#folder,
      TRIBUTARY_WORKSPACE: this.workspace,
      API_PORT: '0',
      LOG_LEVEL: 'silent',
      ...settings,
    });
    if (!config.ok) throw new Error(config.error.join('; '));
    await createDatabase({ url: clickhouseUrl(), database: this.#database });
    await migrate(this.tables, IDENTITY_ASSIGNMENTS_SCHEMA);
    await migrate(this.tables, REFUSED_ROWS_SCHEMA);
    for (const query of [...TABLES, EVENTS_BY_PROFILE]) await this.tables.command({ query });
    this.#service = await startService({ ...api, module: () => this.module }, config.value);
    this.#activating = new Activating(this.workspace, config.value.KAFKA_PARTITIONS);
    await this.#activating.start();
  }

  async stop(): Promise<void> {
    await this.#activating?.stop();
    await this.#service?.close();
    await this.tables.command({ query: `DROP DATABASE IF EXISTS ${this.#database}` });
    await this.tables.close();
    await this.#definitions?.drop();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true });
  }

  /** Rows of this workspace. */
  async insert(table: string, rows: readonly object[]): Promise<void> {
    const values = rows.map((row) => ({ workspace_id: this.workspace, ...row }));
    await this.tables.insert({ table, format: 'JSONEachRow', values });
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    const response = await fetch(`${this.service.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: 'Bearer dev-api-token',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('application/json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    };
  }
}
