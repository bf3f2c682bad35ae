import { startClickHouse, type EmbeddedClickHouse } from '@tributary/embedded-clickhouse';
import { startKafka, type EmbeddedKafka } from '@tributary/embedded-kafka';
import { KafkaConnection } from '@tributary/kafka';
import { startPlatform, type Platform, type ServiceName } from '@tributary/supervisor';
import { join } from 'node:path';

const ANY_PORT = { collector: 0, api: 0, identity: 0, 'profile-builder': 0, segmentation: 0 };
const API_TOKEN = 'dev-api-token';

export interface RigOptions {
  readonly dataDir: string;
  /** Takes lines for people. */
  readonly say: (line: string) => void;
}

/** A platform of its own whose parts can be broken one by one: its broker and engine are started here. */
export class Rig {
  readonly dataDir: string;
  /** The harness's own way to the broker. */
  readonly connection: KafkaConnection;
  #kafka: EmbeddedKafka;
  #clickhouse: EmbeddedClickHouse;

  private constructor(
    options: RigOptions,
    kafka: EmbeddedKafka,
    clickhouse: EmbeddedClickHouse,
    readonly platform: Platform,
  ) {
    this.dataDir = options.dataDir;
    this.#kafka = kafka;
    this.#clickhouse = clickhouse;
    this.connection = new KafkaConnection({ brokers: [kafka.brokers], clientId: 'crash-test', retries: 30 });
  }

  static async start(options: RigOptions): Promise<Rig> {
    const { dataDir, say } = options;
    const started: { stop(): Promise<void> }[] = [];
    try {
      const kafka = await startKafka({ dataDir: join(dataDir, 'kafka'), port: 0 });
      started.push(kafka);
      const clickhouse = await startClickHouse({ dataDir: join(dataDir, 'clickhouse'), port: 0 });
      started.push(clickhouse);
      const platform = await startPlatform({
        dataDir,
        ports: ANY_PORT,
        env: settings(),
        brokers: kafka.brokers,
        clickhouseUrl: clickhouse.url,
        restart: true,
        say,
      });
      return new Rig(options, kafka, clickhouse, platform);
    } catch (error) {
      for (const server of started.reverse()) await server.stop();
      throw error;
    }
  }

  /** The harness's own way in. */
  get brokers(): string {
    return this.#kafka.brokers;
  }

  get clickhouseUrl(): string {
    return this.#clickhouse.url;
  }

  get apiToken(): string {
    return API_TOKEN;
  }

  async stop(): Promise<void> {
    await this.platform.stop();
    await this.#clickhouse.stop();
    await this.#kafka.stop();
  }

  urlOf(service: ServiceName): string {
    return this.platform.services[service].url;
  }

  async killService(name: ServiceName): Promise<void> {
    const service = this.platform.services[name];
    service.kill('SIGKILL');
    await service.exited;
  }

  /** Of a service that was killed: the supervisor does not start it again. */
  async keepDown(name: ServiceName): Promise<void> {
    await this.platform.services[name].stop();
  }

  async startService(name: ServiceName): Promise<void> {
    await this.platform.services[name].start();
  }

  async killBroker(): Promise<void> {
    this.#kafka.kill('SIGKILL');
    await this.#kafka.exited;
  }

  /** On the same folder and port. */
  async startBroker(): Promise<void> {
    const port = Number(this.#kafka.brokers.split(':')[1]);
    this.#kafka = await startKafka({ dataDir: join(this.dataDir, 'kafka'), port });
  }

  async killClickHouse(): Promise<void> {
    this.#clickhouse.kill('SIGKILL');
    await this.#clickhouse.exited;
  }

  /** On the same folder and port. */
  async startClickHouse(): Promise<void> {
    const port = Number(new URL(this.#clickhouse.url).port);
    this.#clickhouse = await startClickHouse({ dataDir: join(this.dataDir, 'clickhouse'), port });
  }

  async putAudience(key: string, query: string): Promise<void> {
    const response = await fetch(`${this.urlOf('api')}/v1/audiences/${key}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${API_TOKEN}` },
      body: JSON.stringify({ name: key, query }),
    });
    if (!response.ok) throw new Error(`audience ${key}: ${response.status} ${await response.text()}`);
  }
}

/** This process's environment without what is ours to say. */
function settings(): NodeJS.ProcessEnv {
  const { KAFKA_BROKERS: _brokers, CLICKHOUSE_URL: _url, CLICKHOUSE_DATABASE: _db, ...env } = process.env;
  return { ...env, LOG_LEVEL: 'info' };
}
