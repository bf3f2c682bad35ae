import { TOPICS, type AudienceChangeMessage } from '@tributary/contracts';
import { KafkaConnection, TopicFollower } from '@tributary/kafka';
import type { Platform } from '@tributary/supervisor';

/** Sees from outside what came of the events: changes as any consumer reads them, and rows in ClickHouse. */
export class Watch {
  readonly #enteredAt = new Map<string, number>();
  readonly #follower: TopicFollower;
  readonly #clickhouseUrl: string;

  private constructor({ brokers, clickhouseUrl }: Platform) {
    const connection = new KafkaConnection({ brokers: [brokers], clientId: 'bench' });
    this.#clickhouseUrl = clickhouseUrl;
    this.#follower = new TopicFollower(
      connection,
      TOPICS.changes,
      ({ value }) => {
        if (value) this.#take(JSON.parse(value.toString('utf8')) as AudienceChangeMessage);
      },
      { fromEnd: true },
    );
  }

  static async start(platform: Platform): Promise<Watch> {
    const watch = new Watch(platform);
    await watch.#follower.start();
    return watch;
  }

  /** When each user was first seen to have entered, by `performance.now()`. */
  get enteredAt(): ReadonlyMap<string, number> {
    return this.#enteredAt;
  }

  /** Events that a query in ClickHouse finds. */
  async storedEvents(): Promise<number> {
    const body = 'SELECT count() FROM events_log';
    const response = await fetch(`${this.#clickhouseUrl}/?database=tributary`, { method: 'POST', body });
    const text = await response.text();
    if (!response.ok) throw new Error(`ClickHouse answered ${response.status}: ${text}`);
    return Number(text);
  }

  async stop(): Promise<void> {
    await this.#follower.stop();
  }

  #take({ change, identifiers }: AudienceChangeMessage): void {
    if (change !== 'entered') return;
    const now = performance.now();
    for (const identifier of identifiers) {
      const [namespace, userId] = identifier.split(':', 2);
      if (namespace === 'user_id' && userId !== undefined && !this.#enteredAt.has(userId))
        this.#enteredAt.set(userId, now);
    }
  }
}
