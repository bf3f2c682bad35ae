import { Module } from '@nestjs/common';
import { TOPICS, type EventMessage, type RejectedMessage } from '@tributary/contracts';
import { startService } from '@tributary/service';
import { once } from 'node:events';
import { request as send, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Refusals } from '../src/admission/refusals.js';
import { COLLECTOR_SETTINGS } from '../src/collector.config.js';
import { Pipeline } from '../src/intake/pipeline.js';
import { Publisher } from '../src/intake/publisher.js';
import { IntakeMetrics } from '../src/intake/intake.metrics.js';
import { Reception } from '../src/intake/reception.js';
import { configOf } from './config.fixture.js';
import { BuiltInNormalisers } from './built-in.normalisers.js';
import { NORMALISERS } from '../src/identity-rules/normalisers.port.js';
import { EVENT_LOG } from '../src/log/event-log.port.js';
import { InFlight } from '../src/log/in-flight.js';
import { InMemoryEventLog } from './in-memory.event-log.js';
import { Replay } from '../src/replay/replay.js';
import { InMemorySourceRegistry } from './in-memory.source-registry.js';
import { RateLimiter } from '../src/sources/rate-limiter.js';
import { SOURCE_REGISTRY, type Source } from '../src/sources/source-registry.port.js';
import { UNBOUNDED, WORKSPACES } from '../src/sources/workspaces.port.js';
import { NOBODY_SUPPRESSED, SUPPRESSIONS, type Suppressions } from '../src/suppressions/suppressions.port.js';
import { ROUTE_PROVIDERS } from '../src/http/http.module.js';

/** A request's answer, its body parsed where it is JSON. */
export interface Answered {
  readonly status: number | undefined;
  readonly body: unknown;
}

export const JSON_TYPE = { 'content-type': 'application/json' };
export const NDJSON_TYPE = { 'content-type': 'application/x-ndjson' };

/** A collector that answers HTTP, with its log and its sources in memory: the key of the first source is `key`. */
export async function startInMemoryCollector(
  more: Readonly<Record<string, Source>> = {},
  suppressions: Suppressions = NOBODY_SUPPRESSED,
) {
  const log = new InMemoryEventLog();
  const sources = new InMemorySourceRegistry({
    key: { workspaceId: 'w', sourceId: 'default', enabled: true },
    ...more,
  });
  const service = await serve(moduleOf(log, sources, suppressions));
  /** Sends with these headers and no others, which `fetch` does not. */
  const call = async (
    method: string,
    path: string,
    body: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Answered> => {
    const { hostname, port } = new URL(service.url);
    const authorization = `Basic ${btoa('key:')}`;
    const sending = send({ hostname, port, method, path, headers: { authorization, ...headers } });
    sending.end(body);
    const [answer] = (await once(sending, 'response')) as [IncomingMessage];
    const text = (await buffer(answer)).toString();
    const isJson = answer.headers['content-type']?.startsWith('application/json') ?? false;
    return { status: answer.statusCode, body: isJson && text !== '' ? (JSON.parse(text) as unknown) : text };
  };
  return {
    service,
    log,
    call,
    post: (path: string, body: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
      call('POST', path, body, headers),
    events: () => log.valuesOf(TOPICS.events.name) as EventMessage[],
    rejected: () => log.valuesOf(TOPICS.rejected.name) as RejectedMessage[],
    metrics: async () => (await fetch(`${service.url}/metrics`)).text(),
    replay: () => service.app.get(Replay),
  };
}

function moduleOf(log: InMemoryEventLog, sources: InMemorySourceRegistry, suppressions: Suppressions) {
  @Module({
    providers: [
      { provide: EVENT_LOG, useValue: log },
      { provide: NORMALISERS, useClass: BuiltInNormalisers },
      { provide: SOURCE_REGISTRY, useValue: sources },
      { provide: WORKSPACES, useValue: UNBOUNDED },
      { provide: SUPPRESSIONS, useValue: suppressions },
      { provide: InFlight, useValue: new InFlight(64_000_000) },
      { provide: RateLimiter, useValue: new RateLimiter({ now: () => Date.now() }) },
      Pipeline,
      Publisher,
      { provide: Reception, useValue: new Reception({ now: () => Date.now() }) },
      IntakeMetrics,
      Refusals,
      ...ROUTE_PROVIDERS,
    ],
  })
  class InMemoryCollectorModule {}
  return InMemoryCollectorModule;
}

function serve(module: ReturnType<typeof moduleOf>) {
  const listen = { port: () => 0, internal: () => ({ port: 0, address: '127.0.0.1' }) };
  const options = { name: 'collector', settings: COLLECTOR_SETTINGS, module: () => module, listen };
  return startService(options, configOf());
}
