import { startClickHouse, type EmbeddedClickHouse } from '@tributary/embedded-clickhouse';
import { KafkaConnection } from '@tributary/kafka';
import { ANY_PORTS, startPlatform, type Platform, type ServiceName } from '@tributary/supervisor';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Brokers, type BrokerCount } from './brokers.js';
import { Workers } from './workers.js';

const API_TOKEN = 'dev-api-token';
const CLOCK = pathToFileURL(fileURLToPath(new URL('../clock.mjs', import.meta.url))).href;

export interface HarnessOptions {
  readonly dataDir: string;
  readonly brokers: BrokerCount;
  /** Takes lines for people. */
  readonly say: (line: string) => void;
}

interface Parts {
  readonly brokers: Brokers;
  readonly clickhouse: EmbeddedClickHouse;
  readonly platform: Platform;
  readonly workers: Workers;
}

/** A platform of its own whose parts can be broken one by one. */
export class Harness {
  readonly dataDir: string;
  readonly brokers: Brokers;
  readonly platform: Platform;
  readonly workers: Workers;
  /** The harness's own way to the broker. */
  readonly connection: KafkaConnection;
  #clickhouse: EmbeddedClickHouse;

  private constructor(dataDir: string, { brokers, clickhouse, platform, workers }: Parts) {
    this.dataDir = dataDir;
    this.brokers = brokers;
    this.platform = platform;
    this.workers = workers;
    this.#clickhouse = clickhouse;
    this.connection = new KafkaConnection({
      brokers: brokers.direct.split(','),
      clientId: 'crash-test',
      retries: 30,
    });
  }

  static async start({ dataDir, brokers: count, say }: HarnessOptions): Promise<Harness> {
    const started: { stop(): Promise<void> }[] = [];
    try {
      const brokers = await Brokers.start(dataDir, count);
      started.push(brokers);
      const clickhouse = await startClickHouse({ dataDir: join(dataDir, 'clickhouse'), port: 0 });
      started.push(clickhouse);
      await mkdir(clocksOf(dataDir), { recursive: true });
      const own = { brokers: brokers.proxied, clickhouseUrl: clickhouse.url };
      const env = { ...settings(dataDir), KAFKA_REPLICATION: String(count) };
      const nodeArguments = ['--import', CLOCK];
      const platform = await startPlatform({
        ...{ dataDir, env, nodeArguments, say, ...own },
        ports: ANY_PORTS,
        restart: true,
      });
      const workers = new Workers({
        ...{ dataDir, nodeArguments, say },
        env: { ...env, KAFKA_BROKERS: own.brokers, CLICKHOUSE_URL: own.clickhouseUrl },
      });
      return new Harness(dataDir, { brokers, clickhouse, platform, workers });
    } catch (error) {
      for (const server of started.reverse()) await server.stop();
      throw error;
    }
  }

  get clickhouseUrl(): string {
    return this.#clickhouse.url;
  }

  get apiToken(): string {
    return API_TOKEN;
  }

  async stop(): Promise<void> {
    await this.workers.stop();
    await this.platform.stop();
    await this.#clickhouse.stop();
    await this.brokers.stop();
  }

  urlOf(service: ServiceName): string {
    return this.platform.services[service].url;
  }

  /** Kills a service, and its supervisor does not start it again. */
  async killService(name: ServiceName): Promise<void> {
    const service = this.platform.services[name];
    service.kill('SIGKILL');
    await service.exited;
    await service.stop();
  }

  async startService(name: ServiceName): Promise<void> {
    await this.platform.services[name].start();
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

  /** Of a processor whose service is down. */
  async loseState(processor: string): Promise<void> {
    await rm(join(this.dataDir, 'state', processor), { recursive: true });
  }

  /** Makes a service's wall clock wrong by so much from now on. */
  async stepClock(name: ServiceName, offsetMs: number): Promise<void> {
    await writeFile(join(clocksOf(this.dataDir), name), String(offsetMs));
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

const clocksOf = (dataDir: string) => join(dataDir, 'clocks');

/** This process's environment without what is ours to say. */
function settings(dataDir: string): NodeJS.ProcessEnv {
  const { KAFKA_BROKERS: _brokers, CLICKHOUSE_URL: _url, CLICKHOUSE_DATABASE: _db, ...env } = process.env;
  return { ...env, LOG_LEVEL: 'info', CRASH_TEST_CLOCKS: clocksOf(dataDir) };
}
