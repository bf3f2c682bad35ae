import { TOPICS, type AudienceChangeMessage } from '@tributary/contracts';
import { KafkaConnection, type KafkaConnectionOptions } from '@tributary/kafka';
import { followChanges } from './changes.js';
import { followMembers, type MembersStep } from './members.js';
import type { PlaceStore } from './places.js';

const SAVE_EVERY_MS = 1_000;

/** Where the platform's Kafka is, and of which workspace one reads. */
export interface SubscriberOptions extends Pick<KafkaConnectionOptions, 'brokers' | 'security' | 'logger'> {
  /** As brokers name this client in their logs; `tributary-client` unless given. */
  readonly clientId?: string;
  /** `default` unless given. */
  readonly workspaceId?: string;
}

interface Ending {
  /** False: it ends where the topic ended at the start. True unless given. */
  readonly follow?: boolean;
  /** Ends it at any time, without an error. */
  readonly signal?: AbortSignal;
}

/** What {@link Subscriber.changes} hands over. */
export interface ChangesOptions extends Ending {
  /** The keys of the audiences; all of the workspace unless given. */
  readonly audiences?: readonly string[];
  /** Where it begins while no places are kept; at the beginning of what Kafka has, seven days, unless given. */
  readonly from?: 'beginning' | 'now';
  /** Where it keeps how far it is, to go on from there; nowhere unless given. */
  readonly places?: PlaceStore;
  /** Places are kept at most so much later than changes are taken, and at the end. 1,000 ms unless given. */
  readonly saveEveryMs?: number;
}

export type MembersOptions = Ending;

/**
 * Reads who is in an audience, and who enters and leaves, from Kafka, by the rules for readers of `docs/asyncapi.yaml`. It
 * joins no consumer group and writes nothing.
 */
export class Subscriber {
  readonly #connection: KafkaConnection;
  readonly #workspaceId: string;

  constructor({ workspaceId = 'default', clientId = 'tributary-client', ...options }: SubscriberOptions) {
    this.#workspaceId = workspaceId;
    this.#connection = new KafkaConnection({ clientId, ...options });
  }

  /**
   * Changes, each once, those of a person in order. A change is taken when the next one is asked for: what a loop was in
   * the middle of when it ended, and with `places` what it took in the last `saveEveryMs` before a crash, comes again
   * with the same `id`.
   *
   * @throws ChangesLostError where changes were removed before they were read
   */
  changes(options: ChangesOptions = {}): AsyncGenerator<AudienceChangeMessage, void> {
    const { from = 'beginning', places, saveEveryMs = SAVE_EVERY_MS, follow = true, signal } = options;
    const audiences = options.audiences && new Set(options.audiences);
    const isWanted = ({ workspaceId, audienceKey }: AudienceChangeMessage) =>
      workspaceId === this.#workspaceId && (audiences?.has(audienceKey) ?? true);
    return followChanges(this.#connection, {
      ...{ topic: TOPICS.changes.name, from, places, saveEveryMs, follow, signal, isWanted },
    });
  }

  /** Who is in an audience, and then who enters and leaves. */
  members(audienceKey: string, options: MembersOptions = {}): AsyncGenerator<MembersStep, void> {
    const { follow = true, signal } = options;
    return followMembers(this.#connection, {
      ...{ topic: TOPICS.memberships.name, workspaceId: this.#workspaceId },
      ...{ audienceKey, follow, signal },
    });
  }

  /** Lets go of Kafka, once the loops have ended. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}
