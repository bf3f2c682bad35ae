import { Analytics } from '@segment/analytics-node';
import type { AudienceChangeMessage, EventMessage, ProfileMessage } from '@tributary/contracts';
import { TOPICS } from '@tributary/contracts';
import { KafkaConnection, TopicFollower } from '@tributary/kafka';
import { ANY_PORTS, startPlatform, type Platform } from '@tributary/supervisor';
import { eventually } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the api tells of an audience's members. */
interface Members {
  readonly data: readonly { readonly profileId: string; readonly since: string }[];
}

/** A platform of its own, with what a test needs to act on it and to see what came of it. */
export class PlatformUnderTest {
  private constructor(
    readonly platform: Platform,
    readonly changes: AudienceChangeMessage[],
    private readonly follower: TopicFollower,
    private readonly dataDir: string,
  ) {}

  static async build(): Promise<PlatformUnderTest> {
    const dataDir = await mkdtemp(join(tmpdir(), 'tributary-e2e-'));
    const { KAFKA_BROKERS: _kafka, CLICKHOUSE_URL: _clickhouse, ...env } = process.env;
    const platform = await startPlatform({ dataDir, ports: ANY_PORTS, env, restart: false });
    const changes: AudienceChangeMessage[] = [];
    const connection = new KafkaConnection({ brokers: [platform.brokers], clientId: 'e2e' });
    const follower = new TopicFollower(connection, TOPICS.changes, (record) => {
      changes.push(JSON.parse(record.value?.toString('utf8') ?? '') as AudienceChangeMessage);
    });
    await follower.start();
    return new PlatformUnderTest(platform, changes, follower, dataDir);
  }

  async demolish(): Promise<void> {
    await this.follower.stop();
    await this.platform.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** The Segment SDK as a shop uses it; each call is flushed, in order. */
  segment(): Analytics {
    return new Analytics({
      writeKey: 'dev-write-key',
      host: this.platform.services.collector.url,
      flushAt: 1,
      maxRetries: 10,
    });
  }

  async putAudience(key: string, query: string): Promise<void> {
    const response = await this.api(`/v1/audiences/${key}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: key, query }),
    });
    if (!response.ok) throw new Error(`audience ${key}: ${response.status} ${await response.text()}`);
  }

  async api(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), Authorization: 'Bearer dev-api-token' };
    return fetch(`${this.platform.services.api.url}${path}`, { ...init, headers });
  }

  /** A call to the collector as curl would make it. */
  async post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const key = Buffer.from('dev-write-key:').toString('base64');
    return fetch(`${this.platform.services.collector.url}${path}`, {
      method: 'POST',
      headers: { Authorization: `Basic ${key}`, 'Content-Type': 'application/json', ...headers },
      body,
    });
  }

  /** The profile of an identifier, once it is as the test waits for it. */
  async profile(identifier: string, until: (profile: ProfileMessage) => boolean): Promise<ProfileMessage> {
    return eventually(
      async () => {
        const response = await this.api(`/v1/profiles?identifier=${encodeURIComponent(identifier)}`);
        return (await response.json()) as ProfileMessage;
      },
      { until, withinMs: 40_000, what: `profile of ${identifier}` },
    );
  }

  /** Everything in a topic now. */
  async read<T>(topic: { readonly name: string }): Promise<readonly T[]> {
    const values: T[] = [];
    const connection = new KafkaConnection({ brokers: [this.platform.brokers], clientId: 'e2e-reader' });
    const follower = new TopicFollower(connection, topic, (record) => {
      if (record.value) values.push(JSON.parse(record.value.toString('utf8')) as T);
    });
    await follower.start();
    await follower.stop();
    return values;
  }

  /** When a user's orders of at least so much were made, as the log has it: corrected for the client's clock. */
  async orderTimes(userId: string, atLeast: number): Promise<readonly number[]> {
    const events = await this.read<EventMessage>(TOPICS.events);
    return events
      .filter((event) => event.event === 'Order Completed' && event.userId === userId)
      .filter(({ properties }) => Number(properties?.total) >= atLeast)
      .map(({ timestamp }) => Date.parse(timestamp))
      .sort((a, b) => a - b);
  }

  async members(audience: string): Promise<readonly string[]> {
    const response = await this.api(`/v1/audiences/${audience}/members`);
    return ((await response.json()) as Members).data.map(({ profileId }) => profileId);
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
    return eventually(() => this.changes.filter((change) => change.audienceKey === audienceKey), {
      until,
      withinMs: 80_000,
      what: `changes of ${audienceKey}`,
    });
  }
}

/** The identifiers of a profile as `namespace:value`, sorted. */
export function identifiersOf(profile: ProfileMessage): readonly string[] {
  return profile.identifiers.map(({ namespace, value }) => `${namespace}:${value}`).sort();
}
