import {
  CLUSTER_NODES,
  startKafka,
  startKafkaCluster,
  type EmbeddedKafka,
  type EmbeddedKafkaCluster,
  type ProxiedListener,
} from '@tributary/embedded-kafka';
import { join } from 'node:path';
import { Proxy, type Condition } from './proxy.js';

export type BrokerCount = 1 | typeof CLUSTER_NODES;

/** The one broker, or the three, each behind a proxy through which the services come. */
export class Brokers {
  #kafka: EmbeddedKafka | EmbeddedKafkaCluster;

  private constructor(
    private readonly dataDir: string,
    kafka: EmbeddedKafka | EmbeddedKafkaCluster,
    private readonly proxies: readonly Proxy[],
    private readonly listeners: readonly ProxiedListener[],
  ) {
    this.#kafka = kafka;
  }

  static async start(dataDir: string, count: BrokerCount): Promise<Brokers> {
    const proxies: Proxy[] = [];
    const proxied: ProxiedListener[] = [];
    for (let i = 0; i < count; i += 1) {
      const proxy = await Proxy.listen();
      const port = await freePort();
      proxy.lead(port);
      proxies.push(proxy);
      proxied.push({ port, advertisedPort: proxy.port });
    }
    try {
      const options = { dataDir: join(dataDir, 'kafka'), port: 0 };
      const kafka =
        count === 1
          ? await startKafka({ ...options, proxied: proxied[0] })
          : await startKafkaCluster({ ...options, proxied });
      return new Brokers(dataDir, kafka, proxies, proxied);
    } catch (error) {
      for (const proxy of proxies) await proxy.close();
      throw error;
    }
  }

  /** The platform's own way in. */
  get direct(): string {
    return this.#kafka.brokers;
  }

  /** The way of the services. */
  get proxied(): string {
    return this.proxies.map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  get count(): number {
    return this.proxies.length;
  }

  /** By id, 1 and up. */
  async kill(id: number): Promise<void> {
    const node = 'nodes' in this.#kafka ? this.#kafka.nodes[id - 1] : this.#kafka;
    node?.kill('SIGKILL');
    await node?.exited;
  }

  /** It holds its connections and answers nothing. */
  pause(id: number): void {
    const node = 'nodes' in this.#kafka ? this.#kafka.nodes[id - 1] : this.#kafka;
    node?.kill('SIGSTOP');
  }

  /** Of a broker that was killed, on its folder and port. */
  async startAgain(id: number): Promise<void> {
    if ('nodes' in this.#kafka) {
      await this.#kafka.startNode(id);
      return;
    }
    const port = Number(this.#kafka.brokers.split(':')[1]);
    this.#kafka = await startKafka({
      dataDir: join(this.dataDir, 'kafka'),
      port,
      proxied: this.listeners[0],
    });
  }

  /** Changes the condition on the way to every broker. */
  become(condition: Condition): void {
    for (const proxy of this.proxies) proxy.become(condition);
  }

  async stop(): Promise<void> {
    await this.#kafka.stop();
    for (const proxy of this.proxies) await proxy.close();
  }
}

async function freePort(): Promise<number> {
  const probe = await Proxy.listen();
  const { port } = probe;
  await probe.close();
  return port;
}
