import type { Consumer } from 'kafkajs';
import { COMMIT_EVERY_MS } from './client-settings.js';
import { isOfOldGeneration } from './kafkajs-consumer-group.js';

interface Reached {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to handle. */
  readonly offset: number;
}

/** The group did not take how far a partition is handled. */
export interface CommitFailure extends Reached {
  readonly groupId: string;
  readonly error: unknown;
  /** The group was being rebalanced, as it is whenever a member comes or goes. */
  readonly isOfOldGeneration: boolean;
}

export interface GroupOffsetsOptions {
  readonly groupId: string;
  readonly consumer: Pick<Consumer, 'commitOffsets'>;
  readonly onFailure: (failure: CommitFailure) => void;
}

/**
 * Tells the group how far its topics are handled, all partitions in one request a second: the client's own way is a
 * request for each batch of each partition. What was not committed when the process ends is handled again.
 */
export class GroupOffsets {
  readonly #options: GroupOffsetsOptions;
  /** `topic/partition` → what is to be committed of it. */
  readonly #waiting = new Map<string, Reached>();
  /** What the group is being told. */
  readonly #underWay = new Map<string, Reached>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GroupOffsetsOptions) {
    this.#options = options;
  }

  /** Takes the next offset to handle. */
  reached(topic: string, partition: number, offset: number): void {
    this.#waiting.set(`${topic}/${partition}`, { topic, partition, offset });
    this.#commitSoon();
  }

  /** Partitions may be another member's now, whose word counts: all but those that are kept. */
  forget(isKept: (partition: number) => boolean = () => false): void {
    for (const told of [this.#waiting, this.#underWay]) {
      for (const [place, { partition }] of told) if (!isKept(partition)) told.delete(place);
    }
    if (this.#waiting.size === 0) this.#stopTimer();
  }

  /** Commits now what is waiting. What the group does not take is told again with the next commit. */
  async flush(): Promise<void> {
    this.#stopTimer();
    const told = [...this.#waiting];
    this.#waiting.clear();
    if (told.length === 0) return;
    for (const [place, reached] of told) this.#underWay.set(place, reached);
    try {
      await this.#options.consumer.commitOffsets(
        told.map(([, { topic, partition, offset }]) => ({ topic, partition, offset: String(offset) })),
      );
    } catch (error) {
      this.#failed(told, error);
    } finally {
      for (const [place, reached] of told) {
        if (this.#underWay.get(place) === reached) this.#underWay.delete(place);
      }
    }
  }

  #failed(told: readonly (readonly [string, Reached])[], error: unknown): void {
    const { groupId, onFailure } = this.#options;
    for (const [place, reached] of told) {
      onFailure({ ...reached, groupId, error, isOfOldGeneration: isOfOldGeneration(error) });
      // Forgotten meanwhile, or told anew.
      if (this.#underWay.get(place) !== reached || this.#waiting.has(place)) continue;
      this.#waiting.set(place, reached);
      this.#commitSoon();
    }
  }

  #commitSoon(): void {
    // A commit that is due keeps no process alive: who wants it told at the end closes the group.
    this.#timer ??= setTimeout(() => void this.flush(), COMMIT_EVERY_MS).unref();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
