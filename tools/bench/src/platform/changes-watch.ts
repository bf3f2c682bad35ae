import { TOPICS, type AudienceChangeMessage } from '@tributary/contracts';
import { TopicFollower, type KafkaConnection, type LogRecord } from '@tributary/kafka';
import { monotonicMs } from '../load/clock.js';

/** An audience's changes, as any consumer reads them. */
interface Seen {
  /** When each user was first seen to have entered, by `monotonicMs`. */
  readonly enteredAt: Map<string, number>;
  /** Every profile that entered. */
  readonly profileIds: Set<string>;
  /** The profiles that are members now, of those that entered since the start. */
  readonly members: Set<string>;
  /** For each exit as a window passed: from that instant to the record's own time, in milliseconds. */
  readonly exitsLateMs: number[];
}

/** Sees from outside who enters audiences and who leaves. */
export class ChangesWatch {
  readonly #seen = new Map<string, Seen>();
  readonly #follower: TopicFollower;

  private constructor(connection: KafkaConnection) {
    this.#follower = new TopicFollower(
      connection,
      TOPICS.changes,
      (record) => {
        this.#take(record);
      },
      { fromEnd: true },
    );
  }

  static async start(connection: KafkaConnection, stack: AsyncDisposableStack): Promise<ChangesWatch> {
    const watch = new ChangesWatch(connection);
    stack.defer(() => watch.#follower.stop());
    await watch.#follower.start();
    return watch;
  }

  /** What was seen of an audience since the start. */
  of(audience: string): Seen {
    const seen = this.#seen.get(audience) ?? {
      enteredAt: new Map(),
      profileIds: new Set(),
      members: new Set(),
      exitsLateMs: [],
    };
    this.#seen.set(audience, seen);
    return seen;
  }

  #take({ value, timestamp }: LogRecord): void {
    if (!value) return;
    const now = monotonicMs();
    const { audienceKey, profileId, change, cause, at, identifiers } = JSON.parse(
      value.toString('utf8'),
    ) as AudienceChangeMessage;
    const { enteredAt, profileIds, members, exitsLateMs } = this.of(audienceKey);
    if (change === 'exited') {
      members.delete(profileId);
      if (cause === 'time') exitsLateMs.push(timestamp - Date.parse(at));
      return;
    }
    profileIds.add(profileId);
    members.add(profileId);
    for (const identifier of identifiers) {
      const [namespace, userId] = identifier.split(':', 2);
      if (namespace === 'user_id' && userId !== undefined && !enteredAt.has(userId))
        enteredAt.set(userId, now);
    }
  }
}
