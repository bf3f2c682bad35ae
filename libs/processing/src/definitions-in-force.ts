import type { Topic } from '@tributary/contracts';
import { TopicFollower, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import type { Result } from '@tributary/kernel';
import type { Definitions } from './processor-declaration.js';

/** Reads a definition, or undefined where it is removed; the error says why the record is neither. */
export type ReadDefinition<T> = (record: LogRecord) => Result<T | undefined, string>;

/** The definitions of a control topic that are in force, read whole at the start and followed. */
export class DefinitionsInForce<T extends { readonly definitionHash: string }> implements Definitions {
  readonly #definitions = new Map<string, T>();
  readonly #follower: TopicFollower;
  #onChange: () => Promise<void> = () => Promise.resolve();

  /**
   * Of a definition that cannot be read, the one before it stays in force; `onUnreadable` keeps the record. Where
   * definitions can be followed no more, `onFatal` ends the process: it would go by stale ones.
   */
  constructor(
    connection: KafkaConnection,
    topic: Topic,
    private readonly read: ReadDefinition<T>,
    private readonly onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    this.#follower = new TopicFollower(connection, topic, (record) => this.#take(record), { onFatal });
  }

  /** Resolves when every definition there is has been read; `onChange` hears of each one from then on. */
  async start(onChange: () => Promise<void>): Promise<void> {
    await this.#follower.start();
    this.#onChange = onChange;
  }

  async stop(): Promise<void> {
    await this.#follower.stop();
  }

  /** By the key of the record. */
  get all(): ReadonlyMap<string, T> {
    return this.#definitions;
  }

  async #take(record: LogRecord): Promise<void> {
    const read = this.read(record);
    if (!read.ok) {
      await this.onUnreadable(record, read.error);
      return;
    }
    const definition = read.value;
    if (definition?.definitionHash === this.#definitions.get(record.key)?.definitionHash) return;
    if (definition) this.#definitions.set(record.key, definition);
    else this.#definitions.delete(record.key);
    await this.#onChange();
  }
}
