import type { KafkaConnection } from '@tributary/kafka';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 250;

/** Counts, by looking, how often the partitions of a consumer group came to be shared out in another way. */
export class Rebalances {
  #count = 0;
  #last = '';
  #isOver = false;
  #looking: Promise<void> | undefined;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly groupId: string,
  ) {}

  get count(): number {
    return this.#count;
  }

  start(): void {
    this.#looking = this.#look();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const shares = await this.#shares().catch(() => undefined);
      if (shares !== undefined && shares !== this.#last) {
        if (this.#last !== '') this.#count += 1;
        this.#last = shares;
      }
      await delay(POLL_MS);
    }
  }

  /** Who has what; undefined while it is not settled. */
  async #shares(): Promise<string | undefined> {
    const { groups } = await this.connection.withAdmin((admin) => admin.describeGroups([this.groupId]));
    const [group] = groups;
    if (group?.state !== 'Stable') return undefined;
    const shares = group.members.map(
      ({ memberId, memberAssignment }) => `${memberId} ${memberAssignment.toString('base64')}`,
    );
    return shares.sort().join('\n');
  }
}
