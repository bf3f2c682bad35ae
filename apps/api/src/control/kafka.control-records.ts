import type { OnModuleInit } from '@nestjs/common';
import { readerOf, type MessageReader, type Topic } from '@tributary/contracts';
import type { LogRecord, OutgoingRecord } from '@tributary/kafka';
import { failed, ok, parseScopedKey, scopedKey, type Result } from '@tributary/kernel';
import type { ApiFailure } from '../http/api.errors.js';
import type { ControlLog } from './control-log.js';
import { LogProgress } from './log-progress.js';

const READ_BACK_MS = 10_000;
const UNAVAILABLE: ApiFailure = {
  code: 'unavailable',
  message: 'Kafka did not take the change in time; it may come into force later. Send it again.',
};

/** A definition in force, and its version. */
export interface Stored<T> {
  readonly value: T;
  /** Grows with every change. */
  readonly version: number;
}

/** The definitions of one kind that are in force in the workspace, by id, as a compacted topic of one partition has them; a version is the offset of the record. */
export abstract class KafkaControlRecords<T> implements OnModuleInit {
  readonly #read: MessageReader;
  readonly #stored = new Map<string, Stored<T>>();
  readonly #progress = new LogProgress();
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(
    protected readonly log: ControlLog,
    private readonly topic: Topic,
  ) {
    this.#read = readerOf(topic);
  }

  /** Resolves when every definition there is has been read. */
  async onModuleInit(): Promise<void> {
    await this.log.create([this.topic]);
    await this.log.follow(this.topic, (record) => {
      this.#apply(record);
      this.#progress.advance(record.offset);
    });
  }

  find(id: string): Stored<T> | undefined {
    return this.#stored.get(id);
  }

  /** In the order of their ids. */
  all(): readonly Stored<T>[] {
    return [...this.#stored].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stored]) => stored);
  }

  /**
   * Puts a definition in force. Once it resolves, {@link find} shows what was put. Nothing is certain after a failure:
   * it may be in force later.
   */
  async put(id: string, value: T): Promise<Result<Stored<T>, ApiFailure>> {
    const version = await this.#write(id, JSON.stringify(value));
    return version.ok ? ok({ value, version: version.value }) : version;
  }

  /** Once it resolves, it is shown no more. */
  async remove(id: string): Promise<Result<unknown, ApiFailure>> {
    return this.#write(id, null);
  }

  /** One change after the other, so that each is compared with the one before it. */
  async inTurn<C>(change: () => Promise<C>): Promise<C> {
    const result = this.#lastChange.then(change);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }

  /** The offsets of records that were written. */
  private async send(records: readonly OutgoingRecord[]): Promise<Result<readonly number[], ApiFailure>> {
    const offsets = await this.log.send(records);
    return offsets ? ok(offsets) : failed(UNAVAILABLE);
  }

  /** Looks at each definition that is read, the own ones too; the error says why it cannot be in force. */
  protected check(value: T): Result<unknown, string> {
    return ok(value);
  }

  /** Answers with the offset once the record has been read back. */
  async #write(id: string, value: string | null): Promise<Result<number, ApiFailure>> {
    const key = scopedKey(this.log.config.TRIBUTARY_WORKSPACE, id);
    const [schema = ''] = Object.keys(this.topic.schemas);
    const offsets = await this.send([{ topic: this.topic.name, key, value, headers: { schema } }]);
    if (!offsets.ok) return offsets;
    const [offset = 0] = offsets.value;
    return (await this.#progress.reaches(offset, READ_BACK_MS)) ? ok(offset) : failed(UNAVAILABLE);
  }

  #apply({ key, value, headers, offset }: LogRecord): void {
    const { config, logger } = this.log;
    const { workspaceId, id } = parseScopedKey(key);
    if (workspaceId !== config.TRIBUTARY_WORKSPACE) return;
    if (value === null) {
      this.#stored.delete(id);
      return;
    }
    const message = this.#read(value, headers.schema);
    const checked = message.ok ? this.check(message.value as T) : message;
    if (!message.ok || !checked.ok) {
      const fields = { topic: this.topic.name, key, offset, reason: checked.ok ? undefined : checked.error };
      logger.error(fields, 'definition is unreadable and passed over');
      return;
    }
    this.#stored.set(id, { value: message.value as T, version: offset });
  }
}
