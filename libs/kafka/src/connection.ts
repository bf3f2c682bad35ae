import type { Admin, Kafka as Client } from 'kafkajs';
import {
  CONNECT_TIMEOUT_MS,
  FIRST_RETRY_MS,
  LONGEST_RETRY_MS,
  REQUEST_TIMEOUT_MS,
  RETRIES,
} from './client-settings.js';
import type { KafkaTuning } from './client-settings.js';
import type { ClientSockets } from './client-sockets.js';
import { clientSecurity, type KafkaSecurity } from './kafka.security.js';
import { Kafka, logLevel } from './kafkajs.js';
import { SharedAdmin } from './shared-admin.js';

/** Where the client reports what it could not do. */
export interface KafkaLogger {
  warn(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

export interface KafkaConnectionOptions {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Neither TLS nor SASL unless given. */
  readonly security?: KafkaSecurity;
  /** How often a request is tried again; 8 times unless given. */
  readonly retries?: number;
  readonly tuning?: KafkaTuning;
  /** Silent unless given. */
  readonly logger?: KafkaLogger;
}

interface ClientOptions {
  readonly sockets?: ClientSockets;
  /** Where it is, the client says nothing. */
  readonly isSilent?: () => boolean;
  /** As those of the connection unless given. */
  readonly retries?: number;
}

/** The way to a Kafka cluster. Producers, consumers, readers and the admin client are made from it. */
export class KafkaConnection {
  /** The client itself, for this library only. */
  readonly client: Client;
  readonly #admin: SharedAdmin;
  readonly #dependents: (() => Promise<void>)[] = [];

  constructor(readonly options: KafkaConnectionOptions) {
    this.client = this.newClient();
    this.#admin = new SharedAdmin(options.brokers, (sockets) => this.newClient({ sockets }).admin());
  }

  /**
   * Runs a piece of work with the admin client of this connection: one for all, made when it is first needed and made
   * anew after a failure. One piece of work runs at a time, so none may ask for another in it. An admin client without
   * work keeps no process alive.
   *
   * @throws KafkaUnreachableError where no broker can be connected to
   */
  withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    return this.#admin.use(work);
  }

  /** Closes the admin client, after the work that it has; work that comes later is refused. */
  async close(): Promise<void> {
    await Promise.all([this.#admin.close(), ...this.#dependents.map((close) => close())]);
  }

  /** Closes something else with this connection. */
  onClose(close: () => Promise<void>): void {
    this.#dependents.push(close);
  }

  /** A client of its own: for this library only. */
  newClient({ sockets, isSilent, retries = this.options.retries ?? RETRIES }: ClientOptions = {}): Client {
    const { clientId, brokers, security, tuning, logger } = this.options;
    return new Kafka({
      clientId,
      brokers: [...brokers],
      ...clientSecurity(security ?? {}),
      ...(sockets && { socketFactory: sockets.factory }),
      logLevel: logger ? logLevel.WARN : logLevel.NOTHING,
      logCreator: () => (entry) => {
        if (isSilent?.() === true) return;
        const { message, timestamp: _timestamp, ...fields } = entry.log;
        // Its errors are mostly of requests that it tries again; what it gives up on, it throws.
        // An answer that is an error is thrown as well, to whoever asked.
        const level = message.startsWith('Response ') ? 'debug' : 'warn';
        logger?.[level]({ kafka: fields }, message);
      },
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: tuning?.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      retry: { initialRetryTime: FIRST_RETRY_MS, maxRetryTime: LONGEST_RETRY_MS, retries },
    });
  }
}
