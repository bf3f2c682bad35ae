import { readSettings, startService, type RunningService } from '@tributary/service';
import { api } from '../src/api.js';
import { API_SETTINGS } from '../src/api.config.js';
import { InMemoryApiModule } from './in-memory-api.fixture.js';

/** An answer of the API, its body read where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The API over what is in memory, asked over HTTP with its token. */
export class RunningApi {
  #service: RunningService | undefined;

  get service(): RunningService {
    if (!this.#service) throw new Error('the API was not started');
    return this.#service;
  }

  async start(): Promise<void> {
    const settings = readSettings(API_SETTINGS, {
      KAFKA_BROKERS: '127.0.0.1:1',
      CLICKHOUSE_URL: 'http://127.0.0.1:1',
      API_PORT: '0',
      LOG_LEVEL: 'silent',
    });
    if (!settings.ok) throw new Error(settings.error.join('; '));
    this.#service = await startService({ ...api, module: () => InMemoryApiModule }, settings.value);
  }

  async stop(): Promise<void> {
    await this.#service?.close();
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
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
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    };
  }
}
