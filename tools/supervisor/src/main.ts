import { example } from './example.js';
import { startPlatform, type Platform } from './platform.js';

const say = (line: string) => {
  console.log(line);
};

function table(platform: Platform): string {
  const { services, brokers, clickhouseUrl, dataDir } = platform;
  const rows = [
    ['collector', services.collector.url],
    ['api', services.api.url],
    ['api docs', `${services.api.url}/docs`],
    ['kafka', brokers],
    ['clickhouse', clickhouseUrl],
    ['data folder', dataDir],
  ] as const;
  return rows.map(([name, where]) => `  ${name.padEnd(12)} ${where}`).join('\n');
}

/** A second Ctrl-C does not wait: children end when this process does. */
function onStop(stop: () => void): void {
  let asked = false;
  const ask = () => {
    if (asked) process.exit(130);
    asked = true;
    stop();
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  process.on('disconnect', ask);
}

const asked = Promise.withResolvers<undefined>();
onStop(() => {
  asked.resolve(undefined);
});
const starting = startPlatform({ env: process.env, restart: true, say });
try {
  const platform = await Promise.race([starting, asked.promise]);
  if (platform) {
    say(table(platform));
    say('tributary is ready');
    say(`\n${example(platform.services.collector.url, platform.services.api.url)}`);
    await asked.promise;
  }
  await (await starting).stop();
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
