import { TOPICS, type ActiveAggregateMessage } from '@tributary/contracts';
import { scopedKey } from '@tributary/kernel';
import { wholeOf, type Log } from '../log/log.port.js';
import type { Place } from './event-reader.js';

type Activation = Pick<ActiveAggregateMessage, 'since' | 'offset' | 'bound'>;

/** From where on each aggregate is folded, and how much of it, partition by partition. */
export class Activations {
  readonly #activations = new Map<string, Activation>();
  readonly #bounds = new Map<string, number>();

  /** As the topic has them now. */
  static async read(log: Log): Promise<Activations> {
    const activations = new Activations();
    const topic = TOPICS.aggregates.name;
    await log.read(topic, await wholeOf(log, topic), ({ key, value }) => {
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

  /** How an aggregate was counted at a place: not at all, or so much of it; `isLast`, by what it is counted by now. */
  at(workspaceId: string, hash: string, { partition, offset }: Place) {
    const activation = this.#activations.get(scopedKey(workspaceId, `${hash}/${partition}`));
    if (!activation || offset < activation.since) return undefined;
    return { bound: activation.bound, isLast: offset >= activation.offset };
  }
}
