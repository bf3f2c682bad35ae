import type { WantedAggregate } from '@tributary/audiences';
import { TOPICS, type ActiveAggregateMessage } from '@tributary/contracts';
import { scopedKey } from '@tributary/kernel';
import { wholeOf, type Log } from '../log/log.port.js';
import type { Place } from './event-reader.js';

type Activation = Pick<ActiveAggregateMessage, 'since' | 'offset' | 'bound' | 'known'>;

/** From where on each aggregate is folded, how much of it, and whether what was before is in, partition by partition. */
export class Activations {
  readonly #activations = new Map<string, Activation>();
  readonly #bounds = new Map<string, number>();

  private constructor(private readonly partitions: readonly number[]) {}

  /** As the topic has them now. */
  static async read(log: Log): Promise<Activations> {
    const topic = TOPICS.aggregates.name;
    const whole = await wholeOf(log, topic);
    const activations = new Activations([...whole.keys()]);
    await log.read(topic, whole, ({ key, value }) => {
      if (!value) {
        activations.#activations.delete(key);
        return;
      }
      const message = JSON.parse(value.toString('utf8')) as ActiveAggregateMessage;
      activations.#activations.set(key, message);
      const { workspaceId, aggregate, bound } = message;
      const scoped = scopedKey(workspaceId, aggregate);
      activations.#bounds.set(scoped, Math.max(bound, activations.#bounds.get(scoped) ?? 0));
    });
    return activations;
  }

  /** The greatest bound by which a partition folds an aggregate. */
  boundOf(workspaceId: string, hash: string): number {
    return this.#bounds.get(scopedKey(workspaceId, hash)) ?? 0;
  }

  /** Whether all of history counts in what reads these: until then nothing is told. */
  isKnown(workspaceId: string, wanted: readonly WantedAggregate[]): boolean {
    return wanted.every(({ aggregate, bound }) =>
      this.partitions.every((partition) => {
        const { known } =
          this.#activations.get(scopedKey(workspaceId, `${aggregate.hash}/${partition}`)) ?? {};
        return known !== undefined && known >= bound;
      }),
    );
  }

  /**
   * How an aggregate counted an event: not at all, or with so much of it; `isLast`, by what it is counted by now. What was
   * before comes from the table of events, which has each deduplication id once, the first.
   */
  at(workspaceId: string, hash: string, { partition, offset, nth }: Place & { readonly nth: number }) {
    const activation = this.#activations.get(scopedKey(workspaceId, `${hash}/${partition}`));
    if (!activation) return undefined;
    const { bound, since, offset: from, known } = activation;
    const isLive = offset >= from;
    if (known !== undefined && known >= bound)
      return isLive || nth === 0 ? { bound, isLast: true } : undefined;
    return offset < since && known === undefined ? undefined : { bound, isLast: isLive };
  }
}
