import type { Admin, Kafka as Client } from 'kafkajs';
import { KafkaUnreachableError } from './kafka.errors.js';
import { clientSecurity, type KafkaSecurity } from './kafka.security.js';
import { Kafka, logLevel } from './kafkajs.js';

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
  /** Silent unless given. */
  readonly logger?: KafkaLogger;
}

/** The way to a Kafka cluster. Producers, consumers and the admin client are made from it. */
export class KafkaConnection {
  /** The client itself, for this library only. */
  readonly client: Client;

  constructor(readonly options: KafkaConnectionOptions) {
    const { logger } = options;
    this.client = new Kafka({
      clientId: options.clientId,
      brokers: [...options.brokers],
      ...clientSecurity(options.security ?? {}),
      logLevel: logger ? logLevel.WARN : logLevel.NOTHING,
      logCreator: () => (entry) => {
        const { message, timestamp: _timestamp, ...fields } = entry.log;
        // Its errors are mostly of requests that it tries again; what it gives up on, it throws.
        // An answer that is an error is thrown as well, to whoever asked.
        const level = message.startsWith('Response ') ? 'debug' : 'warn';
        logger?.[level]({ kafka: fields }, message);
      },
      connectionTimeout: 3_000,
      requestTimeout: 15_000,
      retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: options.retries ?? 8 },
    });
  }

  /**
   * Runs a piece of work with an admin client of its own, which is closed at its end.
   *
   * @throws KafkaUnreachableError where no broker can be connected to
   */
  async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.client.admin();
    try {
      await admin.connect();
    } catch (cause) {
      throw new KafkaUnreachableError(this.options.brokers, { cause });
    }
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }
}
