import { example } from './example.js';
import { startPlatform, type Platform } from './platform.js';

const say = (line: string) => {
  console.log(line);
};

function table(platform: Platform): string {
  const { services, brokers, clickhouseUrl, databaseUrl, dataDir } = platform;
  const rows = [
    ['collector', services.collector.url],
    ['api', services.api.url],
    ['api docs', `${services.api.url}/docs`],
    ['kafka', brokers],
    ['clickhouse', clickhouseUrl],
    ['postgresql', withoutPassword(databaseUrl)],
    ['data folder', dataDir],
  ] as const;
  return rows.map(([name, where]) => `  ${name.padEnd(12)} ${where}`).join('\n');
}

function withoutPassword(text: string): string {
  const url = new URL(text);
  url.password = '';
  return url.href;
}

/** One Ctrl-C comes more than once: from the terminal, and from npm and the launcher that pass it on. */
const ONE_KEY_PRESS_MS = 500;

/** A second Ctrl-C does not wait: children end when this process does. */
function onStop(stop: () => void): void {
  let first: number | undefined;
  const ask = () => {
    first ??= performance.now();
    if (performance.now() - first > ONE_KEY_PRESS_MS) process.exit(130);
    stop();
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  process.on('disconnect', stop);
}

/** Resolves with what went wrong when one of our own servers ends, never otherwise. */
async function serverEnded({ kafka, clickhouse }: Platform): Promise<string> {
  const ends = Object.entries({ Kafka: kafka, ClickHouse: clickhouse }).map(async ([name, server]) => {
    if (!server) return new Promise<never>(() => undefined);
    const { code, signal } = await server.exited;
    return `${name} ended ${signal ? `by ${signal}` : `with code ${code ?? 'none'}`}: everything is stopped`;
  });
  return Promise.race(ends);
}

async function run(): Promise<number> {
  const { TRIBUTARY_DATA: dataDir = '' } = process.env;
  const platform = await startPlatform({
    dataDir: dataDir === '' ? '.tributary' : dataDir,
    restart: true,
    say,
    signal: asked.signal,
  });
  say(table(platform));
  say('tributary is ready');
  say(`\n${example(platform.services.collector.url, platform.services.api.url)}`);
  const failure = await Promise.race([aborted, serverEnded(platform)]);
  if (failure === undefined) say('\nstopping; a second Ctrl-C does not wait');
  else console.error(failure);
  await platform.stop();
  say('stopped; what was stored is kept in the data folder');
  return failure === undefined ? 0 : 1;
}

const asked = new AbortController();
const aborted = new Promise<undefined>((resolve) => {
  asked.signal.addEventListener('abort', () => {
    resolve(undefined);
  });
});
onStop(() => {
  asked.abort();
});
try {
  process.exit(await run());
} catch (error) {
  if (asked.signal.aborted) process.exit(0);
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
