import { leavesOf, traitNamesOf, type AudienceDefinition } from '@tributary/audiences';
import { TOPICS, type AudienceMessage } from '@tributary/contracts';
import { TopicFollower, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import { digest } from '@tributary/kernel';

/** An audience as it is evaluated. */
export interface Audience {
  readonly workspaceId: string;
  readonly key: string;
  readonly definition: AudienceDefinition;
  /** Names the meaning: another definition has another one. */
  readonly meaning: string;
  /** The facts that it depends on. */
  readonly facts: ReadonlySet<string>;
  /** Whether it depends on events, so that time alone may change it. */
  readonly isOfEvents: boolean;
}

/** The definitions in force, read whole at the start and followed. */
export class AudiencesInForce {
  readonly #audiences = new Map<string, Audience>();
  readonly #follower: TopicFollower;
  #onChange: (key: string, audience: Audience | undefined) => Promise<void> = () => Promise.resolve();

  constructor(connection: KafkaConnection) {
    this.#follower = new TopicFollower(connection, TOPICS.audiences, (record) => this.#take(record));
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
    const audience = record.value ? toAudience(record.value) : undefined;
    if (audience?.meaning === this.#audiences.get(record.key)?.meaning) return;
    if (audience) this.#audiences.set(record.key, audience);
    else this.#audiences.delete(record.key);
    await this.#onChange(record.key, audience);
  }
}

function toAudience(value: Buffer): Audience {
  const message = JSON.parse(value.toString('utf8')) as AudienceMessage;
  const definition = message.definition as unknown as AudienceDefinition;
  const leaves = leavesOf(definition);
  return {
    workspaceId: message.workspaceId,
    key: message.key,
    definition,
    meaning: digest(JSON.stringify(definition)),
    facts: new Set([
      ...leaves.map(({ hash }) => `leaf/${hash}`),
      ...traitNamesOf(definition).map((name) => `trait/${name}`),
    ]),
    isOfEvents: leaves.length > 0,
  };
}
