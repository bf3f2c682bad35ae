import { randomBytes } from 'node:crypto';

import { clearFolder, startBroker } from './broker-process.js';
import type { ProxiedListener, SecuredListener } from './broker.config.js';
import type { Exit } from './guarded-process.js';
import { assertNodes } from './node-count.js';
import { freePort } from './ports.js';
import { becomesReady } from './readiness.js';

/** A server that runs as a child of this process and ends with it. */
export interface EmbeddedServer {
  /** Of the server itself. */
  readonly pid: number;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<Exit>;
  /** Ends the server in good order, by force when that takes longer than 10 s; resolves when it is gone. */
  stop(): Promise<void>;
  /** Sends the server a signal. */
  kill(signal: NodeJS.Signals): void;
}

/** A running broker. */
export interface EmbeddedKafka extends EmbeddedServer {
  /** `host:port`, what clients take as bootstrap address. */
  readonly brokers: string;
}

export interface StartKafkaOptions {
  /** Folder of this broker's log, settings and output; made when absent. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0 takes any free one. */
  readonly port: number;
  /** Takes a line for people when something takes its time. Default: none. */
  readonly say?: ((line: string) => void) | undefined;
  /** A second listener, for clients that come through a proxy. Default: there is none. */
  readonly proxied?: ProxiedListener | undefined;
  /** A listener with TLS and SASL; its user is made with the folder. Default: there is none. */
  readonly secured?: SecuredListener | undefined;
  /** How long a group that begins waits for company, in milliseconds. Default: not at all. */
  readonly rebalanceDelayMs?: number | undefined;
}

const HEAP = ['-Xms128m', '-Xmx768m'];

/** An id for a cluster that begins. */
export function newClusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

/**
 * Starts Apache Kafka 4.2.0, broker and controller in one Java process, on a folder that it makes, formats or recovers
 * as need be; resolves when topics can be made and groups joined. Topics are never made by themselves. The process ends
 * with this one, even when this one is killed.
 *
 * @throws EmbeddedKafkaError saying in one line what is missing or in the way
 */
export async function startKafka(o: StartKafkaOptions): Promise<EmbeddedKafka> {
  await assertNodes(o.dataDir, 1);
  await clearFolder(o.dataDir);
  const port = await freePort(o.port);
  const controllers = new Map([[1, await freePort(0)]]);
  const broker = await startBroker({ ...o, id: 1, port, controllers, clusterId: newClusterId(), heap: HEAP });
  const brokers = `127.0.0.1:${port}`;
  if (await becomesReady(brokers, broker.hasEnded)) return { ...broker, brokers };
  const error = await broker.notReady();
  await broker.stop();
  throw error;
}
