import { TOPICS } from '@tributary/contracts';
import { followTopic, messageOf } from '@tributary/harness';
import type { KafkaConnection, LogRecord } from '@tributary/kafka';
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

  static async start(connection: KafkaConnection, stack: AsyncDisposableStack): Promise<ChangesWatch> {
    const watch = new ChangesWatch();
    const onRecord = (record: LogRecord) => {
      watch.#take(record);
    };
    await followTopic(stack, connection, TOPICS.changes, { from: 'now', onRecord });
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

  #take(record: LogRecord): void {
    const message = messageOf(TOPICS.changes, 'audience-change@1', record);
    if (!message) return;
    const now = monotonicMs();
    const { audienceKey, profileId, change, cause, at, identifiers } = message;
    const { enteredAt, profileIds, members, exitsLateMs } = this.of(audienceKey);
    if (change === 'exited') {
      members.delete(profileId);
      if (cause === 'time') exitsLateMs.push(record.timestamp - Date.parse(at));
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
