import { afterAll, beforeAll } from '@jest/globals';
import { Analytics } from '@segment/analytics-node';
import { TOPICS, type AudienceChangeMessage, type ProfileMessage } from '@tributary/contracts';
import {
  readMessages,
  startOwnPlatform,
  TopicWatch,
  watchTopic,
  type Client,
  type MessageOf,
  type OwnPlatform,
  type SchemaOf,
} from '@tributary/harness';
import { eventually } from '@tributary/testing';

type Topics = (typeof TOPICS)[keyof typeof TOPICS];

/** A platform of a spec's own, with what a test needs to act on it and to see what came of it. */
export class PlatformUnderTest {
  readonly #stack = new AsyncDisposableStack();
  #platform: OwnPlatform | undefined;
  #changes = new TopicWatch<AudienceChangeMessage>(TOPICS.changes.name);

  /** Starts before the first test of the spec, and goes after the last. */
  constructor(settings: NodeJS.ProcessEnv = {}) {
    beforeAll(async () => {
      this.#platform = await startOwnPlatform(this.#stack, {
        env: { PROFILE_BUILDER_SEEN_MS: '500', ...settings },
      });
      const { connection } = this.#platform;
      const from = { from: 'beginning' } as const;
      this.#changes = await watchTopic(this.#stack, connection, TOPICS.changes, 'audience-change@1', from);
    });
    afterAll(() => this.#stack.disposeAsync());
  }

  get platform(): OwnPlatform {
    if (!this.#platform) throw new Error('the platform starts before the first test, and not earlier');
    return this.#platform;
  }

  get client(): Client {
    return this.platform.client;
  }

  /** The Segment SDK as a shop uses it; each call is flushed, in order. */
  segment(): Analytics {
    const { writeKey, collectorUrl: host } = this.client.address;
    return new Analytics({ writeKey, host, flushAt: 1, maxRetries: 10 });
  }

  /** The profile of an identifier, once it is as the test waits for it. */
  async profile(identifier: string, until: (profile: ProfileMessage) => boolean): Promise<ProfileMessage> {
    const what = `profile of ${identifier}`;
    return eventually(() => this.client.profile(identifier), { until, withinMs: 40_000, what });
  }

  /** Everything of a schema that is in a topic now. */
  read<T extends Topics, S extends SchemaOf<T>>(topic: T, schema: S): Promise<readonly MessageOf<T, S>[]> {
    return readMessages(this.platform.connection, topic, schema);
  }

  /** When a user's orders of at least so much were made, as the log has it: corrected for the client's clock. */
  async orderTimes(userId: string, atLeast: number): Promise<readonly number[]> {
    const events = await this.read(TOPICS.events, 'event@1');
    return events
      .filter((event) => event.event === 'Order Completed' && event.userId === userId)
      .filter(({ properties }) => Number(properties?.total) >= atLeast)
      .map(({ timestamp }) => Date.parse(timestamp))
      .sort((a, b) => a - b);
  }

  /** The changes of one audience, once there are as many as the test waits for. */
  async changesOf(audienceKey: string, count: number): Promise<readonly AudienceChangeMessage[]> {
    return this.changesWhen(audienceKey, (changes) => changes.length >= count);
  }

  /** The changes of one audience, once they are as the test waits for. */
  async changesWhen(
    audienceKey: string,
    until: (changes: readonly AudienceChangeMessage[]) => boolean,
  ): Promise<readonly AudienceChangeMessage[]> {
    const what = `changes of ${audienceKey}`;
    return this.#changes.until((change) => change.audienceKey === audienceKey, {
      until,
      withinMs: 80_000,
      what,
    });
  }
}

/** The identifiers of a profile as `namespace:value`, sorted. */
export function identifiersOf(profile: ProfileMessage): readonly string[] {
  return profile.identifiers.map(({ namespace, value }) => `${namespace}:${value}`).sort();
}
