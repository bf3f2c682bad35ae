import {
  ControlPlane,
  Database,
  rotateSecrets,
  Secrets,
  secretKeys,
  type ControlTables,
} from '@tributary/control';
import { KafkaConnection, kafkaSecurity } from '@tributary/kafka';
import { brokersOf, readSettings } from '@tributary/service';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { API_SETTINGS, type ApiConfig } from '../api.config.js';
import { WORKSPACES } from '../workspaces/workspace.kind.js';
import { KINDS } from './kinds.js';

const USAGE = `npm run control -- rebuild-topics   has the topics hold what the database holds: all is published anew, and what
                                    the database does not know is removed. The api has to run: its relay does it
npm run control -- rotate-keys      encrypts every secret with the first key of CONTROL_SECRET_KEYS

The platform is found by DATABASE_URL and KAFKA_BROKERS, or by TRIBUTARY_DATA, POSTGRES_PORT and KAFKA_PORT where npm
start runs it.`;

const say = (line: string) => {
  console.log(line);
};

async function rebuildTopics(config: ApiConfig, database: Database<ControlTables>): Promise<void> {
  const connection = new KafkaConnection({
    brokers: brokersOf(config),
    security: kafkaSecurity(config),
    clientId: 'control',
  });
  const plane = new ControlPlane({
    database,
    connection,
    secrets: new Secrets(await secretKeys(config)),
    workspace: config.TRIBUTARY_WORKSPACE,
    workspaces: WORKSPACES,
    kinds: KINDS,
    replication: config.KAFKA_REPLICATION,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    now: () => Date.now(),
  });
  const { published, removed } = await plane.rebuildTopics();
  say(
    `${published} definitions are published anew, and ${removed} that the database does not know are removed`,
  );
}

async function rotateKeys(config: ApiConfig, database: Database<ControlTables>): Promise<void> {
  const count = await rotateSecrets(database, new Secrets(await secretKeys(config)), KINDS);
  say(`${count} values are encrypted with the first key`);
}

const COMMANDS = new Map([
  ['rebuild-topics', rebuildTopics],
  ['rotate-keys', rotateKeys],
]);

/** As npm start runs it, unless the settings say otherwise. */
async function withUsual(environment: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const { TRIBUTARY_DATA, POSTGRES_PORT, KAFKA_PORT, ...rest } = environment;
  const usual = (text: string | undefined, otherwise: string) =>
    text === undefined || text === '' ? otherwise : text;
  const data = usual(TRIBUTARY_DATA, '.tributary');
  const password = await readFile(join(data, 'postgres/password'), 'utf8').catch(() => '');
  const own = `postgres://tributary:${password}@127.0.0.1:${usual(POSTGRES_PORT, '5433')}/tributary`;
  return {
    ...rest,
    TRIBUTARY_DATA: data,
    KAFKA_BROKERS: usual(rest.KAFKA_BROKERS, `127.0.0.1:${usual(KAFKA_PORT, '9092')}`),
    CLICKHOUSE_URL: usual(rest.CLICKHOUSE_URL, 'http://127.0.0.1:8123'),
    DATABASE_URL: usual(rest.DATABASE_URL, own),
  };
}

async function main(name = ''): Promise<number> {
  const command = COMMANDS.get(name);
  if (!command) {
    say(USAGE);
    return name === '--help' ? 0 : 1;
  }
  const settings = readSettings(API_SETTINGS, await withUsual(process.env));
  if (!settings.ok) {
    for (const line of settings.error) console.error(line);
    return 1;
  }
  const database = new Database<ControlTables>(settings.value);
  try {
    await command(settings.value, database);
    return 0;
  } finally {
    await database.close();
  }
}

try {
  process.exit(await main(process.argv[2]));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
