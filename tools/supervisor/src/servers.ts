import { startClickHouse, type EmbeddedClickHouse } from '@tributary/embedded-clickhouse';
import { startKafka, startKafkaCluster, type EmbeddedKafka } from '@tributary/embedded-kafka';
import { join } from 'node:path';
import { keepPostgres, type KeptPostgres } from './kept-postgres.js';
import type { Nodes } from './nodes.js';

/** What the services need, and the servers of our own among it. */
export interface Servers {
  readonly brokers: string;
  readonly clickhouseUrl: string;
  /** Empty where nobody needs it. */
  readonly databaseUrl: string;
  readonly kafka?: EmbeddedKafka;
  readonly clickhouse?: EmbeddedClickHouse;
  readonly postgres?: KeptPostgres;
  /** Ends PostgreSQL, ClickHouse, then Kafka. */
  stop(): Promise<void>;
}

export interface ServersOptions {
  readonly dataDir: string;
  readonly ports: { readonly kafka: number; readonly clickhouse: number; readonly postgres: number };
  /** Brokers of a Kafka of our own. */
  readonly nodes: Nodes;
  /** Used instead of a broker of our own. */
  readonly brokers: string | undefined;
  /** Used instead of an engine of our own. */
  readonly clickhouseUrl: string | undefined;
  /** Used instead of a PostgreSQL of our own; empty where none is needed. */
  readonly databaseUrl: string | undefined;
  /** Takes lines for people. */
  readonly say: ((line: string) => void) | undefined;
}

/** Starts the broker, the engine and the database, each unless one is given, side by side; when one fails the others are ended. */
export async function startServers(o: ServersOptions): Promise<Servers> {
  const kafkaOptions = { dataDir: join(o.dataDir, 'kafka'), port: o.ports.kafka, say: o.say };
  const startBrokers = o.nodes === 1 ? startKafka : startKafkaCluster;
  const starts = await Promise.allSettled([
    o.brokers === undefined ? startBrokers(kafkaOptions) : undefined,
    o.clickhouseUrl === undefined
      ? startClickHouse({ dataDir: join(o.dataDir, 'clickhouse'), port: o.ports.clickhouse })
      : undefined,
    o.databaseUrl === undefined
      ? keepPostgres({ dataDir: join(o.dataDir, 'postgres'), port: o.ports.postgres, say: o.say })
      : undefined,
  ]);
  const [kafka, clickhouse, postgres] = [valueOf(starts[0]), valueOf(starts[1]), valueOf(starts[2])];
  const stop = async () => {
    await postgres?.stop();
    if (clickhouse) o.say?.('waiting for ClickHouse to end …');
    await clickhouse?.stop();
    if (kafka) o.say?.('waiting for Kafka to end …');
    await kafka?.stop();
  };
  for (const start of starts) {
    if (start.status === 'fulfilled') continue;
    await stop();
    throw start.reason;
  }
  return {
    brokers: o.brokers ?? kafka?.brokers ?? '',
    clickhouseUrl: o.clickhouseUrl ?? clickhouse?.url ?? '',
    databaseUrl: o.databaseUrl ?? postgres?.url ?? '',
    ...(kafka && { kafka }),
    ...(clickhouse && { clickhouse }),
    ...(postgres && { postgres }),
    stop,
  };
}

function valueOf<T>(start: PromiseSettledResult<T>): T | undefined {
  return start.status === 'fulfilled' ? start.value : undefined;
}
