import { TOPICS, type EventMessage } from '@tributary/contracts';
import { startOwnPlatform, watchTopic, type OwnPlatform, type TopicWatch } from '@tributary/harness';
import { clickhouseUrl, kafkaBrokers, uniqueName } from '@tributary/testing';

/** Starts a collector before the servers of the test run, with a workspace and a write key of its own. */
export function startCollector(
  stack: AsyncDisposableStack,
  env: NodeJS.ProcessEnv = {},
): Promise<OwnPlatform<'collector'>> {
  return startOwnPlatform(stack, {
    ...{ services: ['collector'], brokers: kafkaBrokers().join(','), clickhouseUrl: clickhouseUrl() },
    env: { TRIBUTARY_WORKSPACE: uniqueName('workspace'), TRIBUTARY_WRITE_KEY: uniqueName('key'), ...env },
  });
}

/** A collector, and what it has written since it was started. */
export class CollectorUnderTest {
  private constructor(
    private readonly platform: OwnPlatform<'collector'>,
    private readonly watch: TopicWatch<EventMessage>,
  ) {}

  static async start(stack: AsyncDisposableStack): Promise<CollectorUnderTest> {
    const workspace = uniqueName('workspace');
    const platform = await startCollector(stack, { TRIBUTARY_WORKSPACE: workspace });
    const watch = await watchTopic(stack, platform.connection, TOPICS.events, 'event@1', {
      from: 'now',
      only: ({ workspaceId }) => workspaceId === workspace,
    });
    return new CollectorUnderTest(platform, watch);
  }

  get url(): string {
    return this.platform.services.collector.url;
  }

  get writeKey(): string {
    return this.platform.client.address.writeKey;
  }

  get events(): readonly EventMessage[] {
    return this.watch.messages;
  }

  forgetEvents(): void {
    this.watch.forget();
  }

  /** All events with one of these message ids, once every one of them has come. */
  async eventsOf(messageIds: readonly string[]): Promise<readonly EventMessage[]> {
    return this.watch.until(({ messageId }) => messageIds.includes(messageId), {
      until: (found) => messageIds.every((id) => found.some(({ messageId }) => messageId === id)),
      what: `events ${messageIds.join(', ')}`,
    });
  }
}
