// The broker, the ClickHouse and the PostgreSQL of one test run: started once however many projects ask, stopped after the last of them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Jest gives each project's set-up a module registry of its own; the process is what they share.
const run = (process[Symbol.for('tributary.test-servers')] ??= { users: 0, started: undefined });

async function startEmbedded() {
  const built = (name) => new URL(`../${name}/dist/index.js`, import.meta.url).href;
  const [{ startKafka }, { startClickHouse }, { startPostgres }] = await Promise.all([
    import(built('embedded-kafka')),
    import(built('embedded-clickhouse')),
    import(built('embedded-postgres')),
  ]).catch((cause) => {
    throw new Error('The test servers are not built: run `node tools/launch/build.mjs` first', { cause });
  });
  const dir = await mkdtemp(join(tmpdir(), 'tributary-test-'));
  const starts = await Promise.allSettled([
    startKafka({ dataDir: join(dir, 'kafka'), port: 0, say: (line) => console.log(line) }),
    startClickHouse({ dataDir: join(dir, 'clickhouse'), port: 0 }),
    startPostgres({
      dataDir: join(dir, 'postgres'),
      port: 0,
      durable: false,
      bin: process.env.TEST_POSTGRES_BIN,
    }),
  ]);
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(dir, { recursive: true, force: true });
  };
  const failure = starts.find((start) => start.status === 'rejected');
  if (failure !== undefined) {
    await stop();
    throw failure.reason;
  }
  const [kafka, clickhouse, postgres] = servers;
  const kill = () => servers.forEach((server) => server.kill('SIGKILL'));
  process.once('exit', kill);
  return {
    brokers: kafka.brokers,
    url: clickhouse.url,
    databaseUrl: postgres.url,
    stop: async () => {
      process.off('exit', kill);
      await stop();
    },
  };
}

// For machines with Docker and no Java. Not run where this was written, which has no Docker.
async function startContainers() {
  const { GenericContainer, Wait } = await import('testcontainers');
  const { freePort } = await import('./free-port.mjs');
  const port = await freePort();
  const [kafka, clickhouse, postgres] = await Promise.all([
    new GenericContainer('apache/kafka:4.2.0')
      .withExposedPorts({ container: 9092, host: port })
      .withEnvironment({
        KAFKA_NODE_ID: '1',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
        KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://localhost:${port}`,
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
        KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
        KAFKA_MESSAGE_MAX_BYTES: '4194304',
        KAFKA_REPLICA_FETCH_MAX_BYTES: '4194304',
      })
      .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
      .start(),
    new GenericContainer('clickhouse/clickhouse-server:26.7')
      .withExposedPorts(8123)
      .withEnvironment({ CLICKHOUSE_SKIP_USER_SETUP: '1' })
      .withWaitStrategy(Wait.forHttp('/ping', 8123))
      .start(),
    new GenericContainer('postgres:18')
      .withExposedPorts(5432)
      .withEnvironment({ POSTGRES_PASSWORD: 'tributary', POSTGRES_USER: 'tributary' })
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .start(),
  ]);
  return {
    brokers: `localhost:${port}`,
    url: `http://${clickhouse.getHost()}:${clickhouse.getMappedPort(8123)}`,
    databaseUrl: `postgres://tributary:tributary@${postgres.getHost()}:${postgres.getMappedPort(5432)}/tributary`,
    stop: () => Promise.all([kafka.stop(), clickhouse.stop(), postgres.stop()]),
  };
}

async function start() {
  const { TEST_KAFKA_BROKERS, TEST_CLICKHOUSE_URL, TEST_DATABASE_URL, TEST_SERVERS } = process.env;
  if (TEST_KAFKA_BROKERS && TEST_CLICKHOUSE_URL && TEST_DATABASE_URL) return { stop: () => undefined };
  const servers = await (TEST_SERVERS === 'containers' ? startContainers() : startEmbedded());
  process.env.TEST_KAFKA_BROKERS ||= servers.brokers;
  process.env.TEST_CLICKHOUSE_URL ||= servers.url;
  process.env.TEST_DATABASE_URL ||= servers.databaseUrl;
  return {
    stop: async () => {
      if (!TEST_KAFKA_BROKERS) delete process.env.TEST_KAFKA_BROKERS;
      if (!TEST_CLICKHOUSE_URL) delete process.env.TEST_CLICKHOUSE_URL;
      if (!TEST_DATABASE_URL) delete process.env.TEST_DATABASE_URL;
      await servers.stop();
    },
  };
}

export async function startServers() {
  run.users += 1;
  await (run.started ??= start());
}

export async function stopServers() {
  run.users -= 1;
  if (run.users > 0 || run.started === undefined) return;
  const started = run.started;
  run.started = undefined;
  // A start that failed has been told where it was asked for.
  await (await started.catch(() => undefined))?.stop();
}
