import { TOPICS, type EventMessage, type RejectedMessage } from '@tributary/contracts';
import { KafkaConnection, TopicFollower } from '@tributary/kafka';
import { startService, type ServiceProcess } from '@tributary/supervisor';
import { clickhouseUrl, eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A collector as a process of its own, from the build, and what it wrote. */
export class CollectorUnderTest {
  readonly events: EventMessage[] = [];
  readonly rejected: RejectedMessage[] = [];
  readonly workspaceId = uniqueName('workspace');
  readonly writeKey = uniqueName('key');
  #service: ServiceProcess | undefined;
  #followers: readonly TopicFollower[] = [];
  #dataDir = '';

  static async start(env: NodeJS.ProcessEnv = {}): Promise<CollectorUnderTest> {
    const collector = new CollectorUnderTest();
    await collector.#start(env);
    return collector;
  }

  get url(): string {
    return this.#service?.url ?? '';
  }

  get pid(): number {
    return this.#service?.pid ?? 0;
  }

  /** Everything that it has logged. */
  async log(): Promise<string> {
    return readFile(join(this.#dataDir, 'logs/collector.log'), 'utf8');
  }

  /** All events with one of these message ids, once every one of them has come. */
  async eventsOf(messageIds: readonly string[]): Promise<readonly EventMessage[]> {
    return eventually(() => this.events.filter(({ messageId }) => messageIds.includes(messageId)), {
      until: (found) => messageIds.every((id) => found.some(({ messageId }) => messageId === id)),
      what: `events ${messageIds.join(', ')}`,
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
    await this.#service?.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** Keeps what it writes from now on. */
  async follow(): Promise<this> {
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('sdk') });
    const follow = (topic: { readonly name: string }, keep: (message: unknown) => void) =>
      new TopicFollower(
        connection,
        topic,
        ({ value }) => {
          const message = JSON.parse(String(value)) as { readonly workspaceId: string };
          if (message.workspaceId === this.workspaceId) keep(message);
        },
        { fromEnd: true },
      );
    this.#followers = [
      follow(TOPICS.events, (message) => this.events.push(message as EventMessage)),
      follow(TOPICS.rejected, (message) => this.rejected.push(message as RejectedMessage)),
    ];
    await Promise.all(this.#followers.map((follower) => follower.start()));
    return this;
  }

  async #start(env: NodeJS.ProcessEnv): Promise<void> {
    this.#dataDir = await mkdtemp(join(tmpdir(), 'tributary-sdk-'));
    this.#service = await startService({
      name: 'collector',
      port: 0,
      dataDir: this.#dataDir,
      restart: false,
      env: {
        PATH: process.env.PATH,
        KAFKA_BROKERS: kafkaBrokers().join(','),
        CLICKHOUSE_URL: clickhouseUrl(),
        TRIBUTARY_DATA: this.#dataDir,
        TRIBUTARY_WORKSPACE: this.workspaceId,
        TRIBUTARY_WRITE_KEY: this.writeKey,
        ...env,
      },
    });
  }
}
