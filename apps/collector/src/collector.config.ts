import { TABLES_SETTINGS } from '@tributary/clickhouse';
import { DEFAULT_CLOCK_TOLERANCE_MS } from '@tributary/events';
import type { Config } from '@tributary/service';
import Type from 'typebox';

export const COLLECTOR_SETTINGS = Type.Object({
  ...TABLES_SETTINGS.properties,
  COLLECTOR_PORT: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65_535,
    description: 'port of the tracking API; 0: any free port',
  }),
  COLLECTOR_INTERNAL_PORT: Type.Integer({
    default: 8086,
    minimum: 0,
    maximum: 65_535,
    description: 'port on which the api asks for replays; 0: any free port',
  }),
  COLLECTOR_INTERNAL_ADDRESS: Type.String({
    default: '127.0.0.1',
    minLength: 1,
    description: 'address of that port: one that only the api reaches',
  }),
  COLLECTOR_WORKERS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 256,
    description: 'processes that share the port; each takes about a core at full speed',
  }),
  COLLECTOR_IN_FLIGHT_BYTES: Type.Integer({
    default: 134_217_728,
    minimum: 1_000_000,
    description: 'bytes of requests and unwritten events that are held at most; beyond, requests get 503',
  }),
  COLLECTOR_APPEND_TIMEOUT_MS: Type.Integer({
    default: 2_000,
    minimum: 100,
    description: 'how long a request waits for Kafka before its events go to the spool, in milliseconds',
  }),
  COLLECTOR_SPOOL_BYTES: Type.Integer({
    default: 1_073_741_824,
    minimum: 0,
    description:
      'bytes that a collector keeps at most on disk while Kafka is away, under `TRIBUTARY_DATA`; beyond, requests get 503',
  }),
  COLLECTOR_CLOCK_TOLERANCE_MS: Type.Integer({
    default: DEFAULT_CLOCK_TOLERANCE_MS,
    minimum: 0,
    description:
      'how far `sentAt` may be from the time of receipt before the times of a call are corrected for a wrong clock, in milliseconds',
  }),
  COLLECTOR_TRUSTED_HOPS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 10,
    description:
      'how many proxies of yours are in front: the address of a device is what the first of them appended to X-Forwarded-For, and our own is that of X-Forwarded-Proto and -Host; 0: none is believed',
  }),
  COLLECTOR_PUBLIC_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^/\\s]+(/[^\\s?#]*[^/\\s?#])?$',
      description:
        'where browsers reach the tracking API; libraries that read their settings get this address. Not set: the address that they asked',
      examples: ['https://collect.example.com'],
    }),
  ),
});

export type CollectorConfig = Config<typeof COLLECTOR_SETTINGS>;
