import { join } from 'node:path';

import { clearFolder, startBroker, type BrokerProcess } from './broker-process.js';
import type { ProxiedListener } from './broker.config.js';
import type { Exit } from './guarded-process.js';
import { prepareKafka } from './jars.js';
import { assertNodes, CLUSTER_NODES } from './node-count.js';
import { freePort } from './ports.js';
import { becomesReady } from './readiness.js';
import { newClusterId, type EmbeddedKafka } from './start.js';

const HEAP = ['-Xms64m', '-Xmx256m'];

export interface StartKafkaClusterOptions {
  /** Folder of the brokers' folders, which are named by their ids; made when absent. */
  readonly dataDir: string;
  /** Of the first broker, on 127.0.0.1; 0 takes any free one, as the others do. */
  readonly port: number;
  /** Takes a line for people when something takes its time. Default: none. */
  readonly say?: ((line: string) => void) | undefined;
  /** A second listener for each broker, for clients that come through a proxy. Default: there are none. */
  readonly proxied?: readonly ProxiedListener[] | undefined;
}

/** Three brokers, each of which has every record. It has `exited` when only one is left; `pid` is the first one's. */
export interface EmbeddedKafkaCluster extends EmbeddedKafka {
  /** In the order of their ids, 1 and up; of the latest start each. */
  readonly nodes: readonly EmbeddedKafka[];
  /** Starts a broker that ended, on its folder and port; resolves when the cluster has taken it back. */
  startNode(id: number): Promise<void>;
}

/** Where things are: all of it stays while the cluster runs. */
interface Plan {
  readonly options: StartKafkaClusterOptions;
  readonly ports: readonly number[];
  readonly controllers: ReadonlyMap<number, number>;
  readonly clusterId: string;
}

/**
 * Starts three brokers of Apache Kafka 4.2.0 on loopback, each a controller of the quorum too: records have three
 * replicas, and count as written when two have them, so one broker may be lost. Resolves when topics can be made and
 * groups joined. Ends with this process, even when this one is killed.
 *
 * @throws EmbeddedKafkaError saying in one line what is missing or in the way
 */
export async function startKafkaCluster(options: StartKafkaClusterOptions): Promise<EmbeddedKafkaCluster> {
  await assertNodes(options.dataDir, CLUSTER_NODES);
  const plan = await planOf(options);
  // Side by side: the quorum needs two of them before any is ready.
  const launches = await Promise.allSettled(plan.ports.map((_, i) => launch(plan, i + 1)));
  const brokers = launches.flatMap((launched) => (launched.status === 'fulfilled' ? [launched.value] : []));
  try {
    for (const launched of launches) if (launched.status === 'rejected') throw launched.reason;
    await assertReady(brokers, plan.ports);
    return new Cluster(plan, brokers);
  } catch (error) {
    await Promise.all(brokers.map((broker) => broker.stop()));
    throw error;
  }
}

class Cluster implements EmbeddedKafkaCluster {
  readonly pid: number;
  readonly brokers: string;
  readonly exited: Promise<Exit>;
  readonly nodes: EmbeddedKafka[] = [];
  readonly #plan: Plan;
  readonly #ended = new Set<number>();
  readonly #onExit: (exit: Exit) => void;

  constructor(plan: Plan, started: readonly BrokerProcess[]) {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.#plan = plan;
    this.exited = promise;
    this.#onExit = resolve;
    this.brokers = addresses(plan.ports);
    this.pid = started[0]?.pid ?? 0;
    for (const [i, broker] of started.entries()) this.#take(i + 1, broker);
  }

  async startNode(id: number): Promise<void> {
    const broker = await launch(this.#plan, id);
    this.#take(id, broker);
    await assertReady([broker], [this.#portOf(id)]);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  kill(signal: NodeJS.Signals): void {
    for (const node of this.nodes) node.kill(signal);
  }

  #take(id: number, broker: BrokerProcess): void {
    this.nodes[id - 1] = { ...broker, brokers: addresses([this.#portOf(id)]) };
    this.#ended.delete(id);
    void broker.exited.then((exit) => {
      this.#ended.add(id);
      // One alone decides nothing and takes nothing.
      if (this.#ended.size > CLUSTER_NODES / 2) this.#onExit(exit);
    });
  }

  #portOf(id: number): number {
    return this.#plan.ports[id - 1] ?? 0;
  }
}

async function planOf(options: StartKafkaClusterOptions): Promise<Plan> {
  // Once, before three brokers want it at once.
  await prepareKafka({ say: options.say });
  const ids = Array.from({ length: CLUSTER_NODES }, (_, i) => i + 1);
  for (const id of ids) await clearFolder(join(options.dataDir, String(id)));
  const ports: number[] = [];
  const controllers = new Map<number, number>();
  for (const id of ids) {
    ports.push(await freePort(id === 1 ? options.port : 0));
    controllers.set(id, await freePort(0));
  }
  return { options, ports, controllers, clusterId: newClusterId() };
}

function launch({ options, ports, controllers, clusterId }: Plan, id: number): Promise<BrokerProcess> {
  return startBroker({
    dataDir: join(options.dataDir, String(id)),
    id,
    port: ports[id - 1] ?? 0,
    controllers,
    clusterId,
    heap: HEAP,
    say: options.say,
    proxied: options.proxied?.[id - 1],
  });
}

async function assertReady(brokers: readonly BrokerProcess[], ports: readonly number[]): Promise<void> {
  const ended = () => brokers.some((broker) => broker.hasEnded());
  if (await becomesReady(addresses(ports), ended)) return;
  for (const failed of [...brokers.filter((broker) => broker.hasEnded()), ...brokers])
    throw await failed.notReady();
}

const addresses = (ports: readonly number[]) => ports.map((port) => `127.0.0.1:${port}`).join(',');
