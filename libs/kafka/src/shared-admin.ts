import type { Admin } from 'kafkajs';
import { ClientSockets } from './client-sockets.js';
import { KafkaUnreachableError } from './kafka.errors.js';

interface Connected {
  readonly admin: Admin;
  readonly sockets: ClientSockets;
}

/**
 * One admin client for all who ask. Its uses take turns: kafkajs 2.2.4 holds one view of the cluster for each client,
 * and replaces it by that of the topics that were asked for last.
 */
export class SharedAdmin {
  readonly #brokers: readonly string[];
  readonly #make: (sockets: ClientSockets) => Admin;
  #connected: Connected | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #hasClosed = false;

  constructor(brokers: readonly string[], make: (sockets: ClientSockets) => Admin) {
    this.#brokers = brokers;
    this.#make = make;
  }

  /**
   * Runs the work when it is its turn.
   *
   * @throws KafkaUnreachableError where no broker can be connected to
   */
  use<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    if (this.#hasClosed) return Promise.reject(new Error('this connection to Kafka is closed'));
    const done = this.#turn.then(() => this.#use(work));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Waits for the work that was asked for before. */
  async close(): Promise<void> {
    const last = this.#turn.then(() => this.#letGo());
    this.#hasClosed = true;
    this.#turn = last;
    await last;
  }

  async #use<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const { admin, sockets } = await this.#connect();
    try {
      return await work(admin);
    } catch (error) {
      // Whatever it was: a topic that is gone would fail each later look at the cluster.
      await this.#letGo();
      throw error;
    } finally {
      sockets.use(false);
    }
  }

  async #connect(): Promise<Connected> {
    // A broker that closed a connection may have come back elsewhere.
    if (this.#connected?.sockets.takeHasClosed()) await this.#letGo();
    if (this.#connected) {
      this.#connected.sockets.use(true);
      return this.#connected;
    }
    const sockets = new ClientSockets();
    const admin = this.#make(sockets);
    try {
      await admin.connect();
    } catch (cause) {
      await admin.disconnect().catch(() => undefined);
      throw new KafkaUnreachableError(this.#brokers, { cause });
    }
    this.#connected = { admin, sockets };
    return this.#connected;
  }

  async #letGo(): Promise<void> {
    const { admin } = this.#connected ?? {};
    this.#connected = undefined;
    await admin?.disconnect().catch(() => undefined);
  }
}
