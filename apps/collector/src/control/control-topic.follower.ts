import { readerOf } from '@tributary/contracts';
import type { LogRecord } from '@tributary/kafka';
import type { Logger } from '@tributary/service';
import { PersistentFollower, type PersistentFollowerOptions } from './persistent.follower.js';

export interface ControlTopicOptions<M> extends Omit<PersistentFollowerOptions, 'begin'> {
  readonly logger: Logger;
  /**
   * Called with the definitions of all workspaces by their keys when all there is has been read, and after each change from then
   * on; waited for.
   */
  readonly onDefinitions: (definitions: ReadonlyMap<string, M>) => Promise<void>;
}

/** Reads a topic of definitions, of whose schemas all are such messages, whole and follows it. */
export class ControlTopicFollower<M> extends PersistentFollower {
  readonly #logger: Logger;
  readonly #read: ReturnType<typeof readerOf>;

  constructor({ logger, onDefinitions, ...options }: ControlTopicOptions<M>) {
    super({
      ...options,
      begin: () => {
        // A map of its own: what was removed while nobody read, and compacted, is in the former one still.
        const definitions = new Map<string, M>();
        return {
          take: async (record, isWhole) => {
            if (this.#apply(record, definitions) && isWhole) await onDefinitions(definitions);
          },
          whole: () => onDefinitions(definitions),
        };
      },
    });
    this.#logger = logger;
    this.#read = readerOf(options.topic);
  }

  /** Whether the record changed anything. Of a definition that cannot be read, the one before stays in force. */
  #apply({ topic, key, value, headers, offset }: LogRecord, definitions: Map<string, M>): boolean {
    if (value === null) return definitions.delete(key);
    const message = this.#read(value, headers.schema);
    if (!message.ok) {
      const { error: reason } = message;
      this.#logger.error({ topic, key, offset, reason }, 'definition is unreadable and passed over');
      return false;
    }
    definitions.set(key, message.value as M);
    return true;
  }
}
