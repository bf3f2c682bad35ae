import { Module } from '@nestjs/common';
import type { SplitMessage, IdentityRulesMessage } from '@tributary/contracts';
import { readSettings, startService, type RunningService } from '@tributary/service';
import { api } from '../src/api.js';
import { API_SETTINGS } from '../src/api.config.js';
import { InMemoryControlRecords } from './in-memory.control-records.js';
import { DocumentsModule } from '../src/documents/documents.module.js';
import { HttpModule } from '../src/http/http.module.js';
import { SPLIT_CATALOG } from '../src/identity/splits/split-catalog.port.js';
import { DRY_RUNS } from '../src/identity/dry-run/dry-runs.port.js';
import { InMemoryDryRuns } from './in-memory.dry-runs.js';
import { IDENTITY_GRAPH } from '../src/identity/graph/identity-graph.port.js';
import { InMemoryIdentityGraph } from './in-memory.identity-graph.js';
import { IDENTITY_CONTROLLERS, IDENTITY_SERVICES } from '../src/identity/identity.module.js';
import { RULES_CATALOG } from '../src/identity/rules/rules-catalog.port.js';

/** What an answer may bear; what is asked for is there. */
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

/** The identity part of the API without servers, for tests of what is above them. */
export class InMemoryIdentity {
  readonly rules = new InMemoryControlRecords<IdentityRulesMessage>();
  readonly splits = new InMemoryControlRecords<SplitMessage>();
  readonly dryRuns = new InMemoryDryRuns();
  readonly graph = new InMemoryIdentityGraph();
  #service: RunningService | undefined;

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    @Module({
      imports: [HttpModule, DocumentsModule],
      controllers: IDENTITY_CONTROLLERS,
      providers: [
        ...IDENTITY_SERVICES,
        { provide: RULES_CATALOG, useValue: this.rules },
        { provide: SPLIT_CATALOG, useValue: this.splits },
        { provide: DRY_RUNS, useValue: this.dryRuns },
        { provide: IDENTITY_GRAPH, useValue: this.graph },
      ],
    })
    class InMemoryIdentityModule {}

    const config = readSettings(API_SETTINGS, {
      KAFKA_BROKERS: '127.0.0.1:1',
      CLICKHOUSE_URL: 'http://127.0.0.1:1',
      API_PORT: '0',
      LOG_LEVEL: 'silent',
      ...settings,
    });
    if (!config.ok) throw new Error(config.error.join('; '));
    this.#service = await startService({ ...api, module: () => InMemoryIdentityModule }, config.value);
  }

  async stop(): Promise<void> {
    await this.#service?.close();
  }

  async ask<T>(
    method: string,
    path: string,
    body?: object | string,
    more: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal } = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.#service?.url}/v1/identity${path}`, {
      method,
      headers: {
        authorization: 'Bearer dev-api-token',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...more.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(more.signal ? { signal: more.signal } : {}),
    });
    const text = await response.text();
    return {
      status: response.status,
      etag: response.headers.get('etag') ?? '',
      body: (text === '' ? {} : JSON.parse(text)) as Answer<T>['body'],
    };
  }
}
