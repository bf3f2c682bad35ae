import { startOwnPlatform, type OwnPlatform } from '@tributary/harness';
import { AUDIENCE_QUERY } from '@tributary/harness/people';
import type { BenchContext } from '../bench.js';
import { LoadProcess } from '../load/load-process.js';
import type { Processes } from '../processes.js';
import { ChangesWatch } from './changes-watch.js';

/** The audience whose members a load says beforehand. */
export const AUDIENCE = 'bench';

/** A whole platform of the benchmark's own, with a load generator before it and an observer behind it. */
export interface TestBed {
  readonly platform: OwnPlatform;
  readonly load: LoadProcess;
  readonly watch: ChangesWatch;
  /** Of the platform, as they are now, and the load generator. */
  processes(): Processes;
  /** Events that a query in ClickHouse finds. */
  storedEvents(): Promise<number>;
}

/** Starts one with the benchmark's audience in force; what it is made of ends with the context's stack. */
export async function startTestBed({ stack, say }: BenchContext): Promise<TestBed> {
  const platform = await startOwnPlatform(stack);
  await platform.client.putAudience(AUDIENCE, AUDIENCE_QUERY);
  const watch = await ChangesWatch.start(platform.connection, stack);
  const load = stack.use(new LoadProcess());
  say('the platform is ready');
  return {
    platform,
    load,
    watch,
    processes: () => new Map([...platform.processes(), ['load generator', load.pid]]),
    storedEvents: () => storedEvents(platform.clickhouseUrl),
  };
}

async function storedEvents(clickhouseUrl: string): Promise<number> {
  const body = 'SELECT count() FROM events_log';
  const response = await fetch(`${clickhouseUrl}/?database=tributary`, { method: 'POST', body });
  const text = await response.text();
  if (!response.ok) throw new Error(`ClickHouse answered ${response.status}: ${text}`);
  return Number(text);
}
