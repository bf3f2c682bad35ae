import type { ClickHouseClient } from '@clickhouse/client';
import { Module } from '@nestjs/common';
import type { IdentityRulesMessage, SplitMessage } from '@tributary/contracts';
import { ControlPlane } from '@tributary/control';
import { ClickHouseModule } from '../src/clickhouse/clickhouse.module.js';
import { ControlModule } from '../src/control/control.module.js';
import { DocumentsModule } from '../src/documents/documents.module.js';
import { HttpModule } from '../src/http/http.module.js';
import { ThreadDryRuns } from '../src/identity/dry-run/thread.dry-runs.js';
import { IDENTITY_CONTROLLERS, IDENTITY_SERVICES } from '../src/identity/identity.module.js';
import { RULES } from '../src/identity/rules/rules.kind.js';
import { SPLITS } from '../src/identity/splits/split.kind.js';
import { KeptDefinitions } from './kept-definitions.fixture.js';
import { InMemoryDryRuns } from './in-memory.dry-runs.js';
import { RunningApi } from './running-api.fixture.js';

/** What an answer may hold; what is asked for is there. */
export interface Answer<T> {
  readonly status: number;
  readonly etag: string;
  readonly body: T & {
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly details: readonly { readonly field: string; readonly message: string }[];
    };
  };
}

/** The identity part of the API, with dry runs that end when a spec says so. */
export class RunningIdentity {
  readonly dryRuns = new InMemoryDryRuns();
  readonly #api: RunningApi;

  constructor() {
    @Module({
      imports: [HttpModule, ClickHouseModule, ControlModule, DocumentsModule],
      controllers: IDENTITY_CONTROLLERS,
      providers: [...IDENTITY_SERVICES, { provide: ThreadDryRuns, useValue: this.dryRuns }],
    })
    class IdentityOverDoublesModule {}

    this.#api = new RunningApi(IdentityOverDoublesModule);
  }

  get workspace(): string {
    return this.#api.workspace;
  }

  get tables(): ClickHouseClient {
    return this.#api.tables;
  }

  get rules(): KeptDefinitions<IdentityRulesMessage> {
    return new KeptDefinitions(this.#api.service.app.get(ControlPlane), RULES, this.workspace);
  }

  get splits(): KeptDefinitions<SplitMessage> {
    return new KeptDefinitions(this.#api.service.app.get(ControlPlane), SPLITS, this.workspace);
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#api.start(settings);
  }

  /** Rows of this workspace. */
  async insert(table: string, rows: readonly object[]): Promise<void> {
    await this.#api.insert(table, rows);
  }

  async stop(): Promise<void> {
    await this.#api.stop();
  }

  async ask<T>(
    method: string,
    path: string,
    body?: object | string,
    more: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal } = {},
  ): Promise<Answer<T>> {
    const { headers = {}, signal } = more;
    const answer = await this.#api.ask(method, `/v1/identity${path}`, body, headers, signal);
    return {
      status: answer.status,
      etag: answer.headers.get('etag') ?? '',
      body: (answer.body === '' ? {} : answer.body) as Answer<T>['body'],
    };
  }
}
