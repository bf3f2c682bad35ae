import {
  validateSplit,
  validateIdentityRules,
  messageOf,
  TOPICS,
  type SplitMessage,
  type IdentityRulesBody,
  type IdentityRulesMessage,
} from '@tributary/contracts';
import { ruleFaults } from '@tributary/identity';
import { TopicFollower, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import type { Identifier } from '@tributary/kernel';

/** Rules as they were put; the version is the offset of their record. */
export interface RulesInForce {
  readonly workspaceId: string;
  readonly version: number;
  readonly rules: IdentityRulesBody;
}

/** A pair that is kept apart, or no longer; the version is the offset of its record. */
export interface Split {
  readonly workspaceId: string;
  readonly pair: readonly [Identifier, Identifier];
  readonly apart: boolean;
  readonly version: number;
}

/** The rules and splits that people made, read whole at the start and followed. */
export class IdentityControl {
  readonly #rules = new Map<string, RulesInForce>();
  /** In the order of their versions; one that another replaced does no harm. */
  readonly #splits: Split[] = [];
  readonly #followers: readonly TopicFollower[];
  #onChange: () => Promise<void> = () => Promise.resolve();

  /**
   * Of what cannot be read, that before it stays in force; `onUnreadable` keeps the record. Where the topics can be
   * followed no more, `onFatal` ends the process: it would hear of no change.
   */
  constructor(
    connection: KafkaConnection,
    private readonly onUnreadable: (record: LogRecord, error: string) => Promise<void>,
    onFatal: (error: unknown) => void,
  ) {
    this.#followers = [
      new TopicFollower(connection, TOPICS.identityRules, (record) => this.#takeRules(record), { onFatal }),
      new TopicFollower(connection, TOPICS.splits, (record) => this.#takeSplit(record), { onFatal }),
    ];
  }

  /** Resolves when all there is has been read; `onChange` hears of what comes from then on. */
  async start(onChange: () => Promise<void>): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.start()));
    this.#onChange = onChange;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
  }

  /** Of each workspace that has rules of its own. */
  get rules(): Iterable<RulesInForce> {
    return this.#rules.values();
  }

  /** Those of a later version, in order. */
  splitsAfter(version: number): readonly Split[] {
    let from = this.#splits.length;
    while (from > 0 && (this.#splits[from - 1]?.version ?? -1) > version) from -= 1;
    return this.#splits.slice(from);
  }

  async #takeRules(record: LogRecord): Promise<void> {
    if (!record.value) return;
    const wrong = validateIdentityRules(record);
    if (wrong !== undefined) return this.onUnreadable(record, wrong);
    const { workspaceId, namespaces } = messageOf(record) as IdentityRulesMessage;
    const [fault] = ruleFaults({ namespaces });
    if (fault) return this.onUnreadable(record, `${fault.field} ${fault.message}`);
    this.#rules.set(workspaceId, { workspaceId, version: record.offset, rules: { namespaces } });
    await this.#onChange();
  }

  async #takeSplit(record: LogRecord): Promise<void> {
    const wrong = validateSplit(record);
    if (wrong !== undefined) return this.onUnreadable(record, wrong);
    const { workspaceId, a, b, apart } = messageOf(record) as SplitMessage;
    const pair = [a as Identifier, b as Identifier] as const;
    this.#splits.push({ workspaceId, pair, apart, version: record.offset });
    await this.#onChange();
  }
}
