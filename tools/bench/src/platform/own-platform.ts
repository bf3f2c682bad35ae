import {
  ANY_PORTS,
  startPlatform,
  type Platform,
  type PlatformOptions,
  type ServiceName,
} from '@tributary/supervisor';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Processes } from '../processes.js';

/** Starts a platform of the benchmark's own, on free ports and in a folder that goes with it. */
export async function startOwnPlatform<S extends ServiceName = ServiceName>(
  stack: AsyncDisposableStack,
  services?: readonly S[],
  given: Pick<PlatformOptions, 'clickhouseUrl'> = {},
): Promise<Platform<S>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const { KAFKA_BROKERS: _brokers, CLICKHOUSE_URL: _clickhouse, ...env } = process.env;
  const over = new AbortController();
  const starting = startPlatform<S>({
    ...given,
    dataDir,
    ports: ANY_PORTS,
    env,
    restart: false,
    signal: over.signal,
    ...(services === undefined ? {} : { services }),
  });
  stack.defer(async () => {
    // In the middle of the start this gives it up, and what it had started is ended.
    over.abort();
    await (await starting.catch(() => undefined))?.stop();
  });
  return starting;
}

/** Defines an audience, and resolves when the api has taken it. */
export async function defineAudience(apiUrl: string, key: string, query: string): Promise<void> {
  const response = await fetch(`${apiUrl}/v1/audiences/${key}`, {
    method: 'PUT',
    headers: { Authorization: 'Bearer dev-api-token', 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: key, query }),
  });
  if (!response.ok)
    throw new Error(`the audience ${key} was refused with ${response.status}: ${await response.text()}`);
}

/** The processes of a platform, of the latest starts. */
export function processesOf<S extends ServiceName>(platform: Platform<S>): Processes {
  const { kafka, clickhouse, services } = platform;
  const all: Readonly<Record<string, { readonly pid?: number | undefined } | undefined>> = {
    ...services,
    kafka,
    clickhouse,
  };
  return new Map(
    Object.entries(all).flatMap(([name, { pid } = {}]) => (pid === undefined ? [] : [[name, pid] as const])),
  );
}
