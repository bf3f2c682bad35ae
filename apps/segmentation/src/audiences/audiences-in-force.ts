import { definitionHash, aggregatesOf, traitNamesOf, type AudienceDefinition } from '@tributary/audiences';
import { validateAudience, messageOf, TOPICS, type AudienceMessage } from '@tributary/contracts';
import { TopicFollower, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import { failed, ok, type Result } from '@tributary/kernel';

/** An audience as it is evaluated. */
export interface Audience {
  readonly workspaceId: string;
  readonly key: string;
  readonly definition: AudienceDefinition;
  /** The hash of the definition. */
  readonly definitionHash: string;
  /** When it was put in force, in milliseconds since 1970. */
  readonly definedAt: number;
  /** The facts that it depends on. */
  readonly facts: ReadonlySet<string>;
}

/** The definitions in force, read whole at the start and followed. */
export class AudiencesInForce {
  readonly #audiences = new Map<string, Audience>();
  readonly #follower: TopicFollower;
  #onChange: (key: string, audience: Audience | undefined) => Promise<void> = () => Promise.resolve();

  /**
   * Of a definition that cannot be read, the one before it stays in force; `onUnreadable` keeps the record. Where
   * definitions can be followed no more, `onFatal` ends the process: it would evaluate by stale ones.
   */
  constructor(
    connection: KafkaConnection,
    private readonly onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    const take = (record: LogRecord) => this.#take(record);
    this.#follower = new TopicFollower(connection, TOPICS.audiences, take, { onFatal });
  }

  /** Resolves when every definition there is has been read; `onChange` hears of each one from then on. */
  async start(onChange: (key: string, audience: Audience | undefined) => Promise<void>): Promise<void> {
    await this.#follower.start();
    this.#onChange = onChange;
  }

  async stop(): Promise<void> {
    await this.#follower.stop();
  }

  /** By `workspaceId/key`. */
  get all(): ReadonlyMap<string, Audience> {
    return this.#audiences;
  }

  async #take(record: LogRecord): Promise<void> {
    const read = readAudience(record);
    if (!read.ok) {
      await this.onUnreadable(record, read.error);
      return;
    }
    const audience = read.value;
    if (audience?.definitionHash === this.#audiences.get(record.key)?.definitionHash) return;
    if (audience) this.#audiences.set(record.key, audience);
    else this.#audiences.delete(record.key);
    await this.#onChange(record.key, audience);
  }
}

/** An audience, or undefined where it is removed; the error says why the record is neither. */
export function readAudience(record: LogRecord): Result<Audience | undefined, string> {
  const error = validateAudience(record);
  if (error !== undefined) return failed(error);
  if (!record.value) return ok(undefined);
  try {
    return ok(toAudience(messageOf(record) as AudienceMessage));
  } catch (thrown) {
    return failed(`the definition cannot be evaluated: ${String(thrown)}`);
  }
}

function toAudience(message: AudienceMessage): Audience {
  const definition = message.definition as unknown as AudienceDefinition;
  return {
    workspaceId: message.workspaceId,
    key: message.key,
    definition,
    definitionHash: definitionHash(definition),
    definedAt: Date.parse(message.updatedAt),
    facts: new Set([
      ...aggregatesOf(definition).map(({ hash }) => `aggregate/${hash}`),
      ...traitNamesOf(definition).map((name) => `trait/${name}`),
    ]),
  };
}
