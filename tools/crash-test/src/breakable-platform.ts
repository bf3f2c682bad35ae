import { startClickHouse, type EmbeddedClickHouse } from '@tributary/embedded-clickhouse';
import { ownEnvironment, startOwnPlatform, type Client, type OwnPlatform } from '@tributary/harness';
import { KafkaConnection } from '@tributary/kafka';
import type { ServiceName } from '@tributary/supervisor';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Brokers, type BrokerCount } from './brokers.js';
import { Workers } from './workers.js';

const CLOCK = pathToFileURL(fileURLToPath(new URL('../clock.mjs', import.meta.url))).href;

export interface BreakablePlatformOptions {
  readonly dataDir: string;
  readonly brokers: BrokerCount;
  /** Takes lines for people. */
  readonly say: (line: string) => void;
}

/** A platform of its own whose parts can be broken one by one. */
export class BreakablePlatform {
  /** Straight to the brokers, past the proxies of the services. */
  readonly connection: KafkaConnection;

  private constructor(
    private readonly own: OwnPlatform,
    readonly brokers: Brokers,
    readonly workers: Workers,
    private readonly engine: { now: EmbeddedClickHouse },
  ) {
    const direct = { brokers: brokers.direct.split(','), clientId: 'crash-test', retries: 30 };
    this.connection = new KafkaConnection(direct);
  }

  static async start(
    stack: AsyncDisposableStack,
    { dataDir, brokers: count, say }: BreakablePlatformOptions,
  ): Promise<BreakablePlatform> {
    const brokers = stack.adopt(await Brokers.start(dataDir, count), (all) => all.stop());
    const engine = { now: await startClickHouse({ dataDir: join(dataDir, 'clickhouse'), port: 0 }) };
    stack.defer(() => engine.now.stop());
    const CRASH_TEST_CLOCKS = join(dataDir, 'clocks');
    await mkdir(CRASH_TEST_CLOCKS, { recursive: true });
    // Within the quiet that a platform at rest shows: what profiles count is compared then.
    const env = {
      ...{ LOG_LEVEL: 'info', CRASH_TEST_CLOCKS, KAFKA_REPLICATION: String(count) },
      PROFILE_BUILDER_SEEN_MS: '1000',
    };
    const nodeArguments = ['--import', CLOCK];
    const servers = { brokers: brokers.proxied, clickhouseUrl: engine.now.url };
    const own = await startOwnPlatform(stack, {
      ...{ dataDir, env, nodeArguments, say, ...servers },
      restart: true,
    });
    const given = { KAFKA_BROKERS: servers.brokers, CLICKHOUSE_URL: servers.clickhouseUrl };
    const workers = new Workers({
      ...{ dataDir, nodeArguments, say },
      env: { ...ownEnvironment(), ...env, ...given },
    });
    stack.defer(() => workers.stop());
    return new BreakablePlatform(own, brokers, workers, engine);
  }

  get client(): Client {
    return this.own.client;
  }

  get services(): OwnPlatform['services'] {
    return this.own.services;
  }

  get clickhouseUrl(): string {
    return this.engine.now.url;
  }

  /** Kills a service, and its supervisor does not start it again. */
  async killService(name: ServiceName): Promise<void> {
    const service = this.services[name];
    service.kill('SIGKILL');
    await service.exited;
    await service.stop();
  }

  async startService(name: ServiceName): Promise<void> {
    await this.services[name].start();
  }

  async killClickHouse(): Promise<void> {
    this.engine.now.kill('SIGKILL');
    await this.engine.now.exited;
  }

  /** On the same folder and port. */
  async startClickHouse(): Promise<void> {
    const port = Number(new URL(this.clickhouseUrl).port);
    this.engine.now = await startClickHouse({ dataDir: join(this.own.dataDir, 'clickhouse'), port });
  }

  /** Of a processor whose service is down. */
  async loseState(processor: string): Promise<void> {
    await rm(join(this.own.dataDir, 'state', processor), { recursive: true });
  }

  /** Makes a service's wall clock wrong by so much from now on. */
  async stepClock(name: ServiceName, offsetMs: number): Promise<void> {
    await writeFile(join(this.own.dataDir, 'clocks', name), String(offsetMs));
  }
}
