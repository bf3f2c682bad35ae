import { TOPICS, type EventMessage } from '@tributary/contracts';
import { KafkaConnection, TopicFollower } from '@tributary/kafka';
import { startService } from '@tributary/service';
import { clickhouseUrl, eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collector } from '../src/collector.js';
import { configOf } from './config.fixture.js';

/** What a client gets back. */
interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What comes into `events.v1` from now on, of one workspace, by messageId. */
async function followedEvents(workspaceId: string) {
  const events = new Map<string, EventMessage>();
  const texts = new Map<string, string>();
  const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('spec') });
  const follower = new TopicFollower(
    connection,
    TOPICS.events,
    ({ key, value }) => {
      if (!key.startsWith(`${workspaceId}/`)) return;
      const event = JSON.parse(String(value)) as EventMessage;
      events.set(event.messageId, event);
      texts.set(event.messageId, String(value));
    },
    { fromEnd: true },
  );
  await follower.start();
  return { events, texts, stop: () => follower.stop() };
}

interface StartOptions {
  readonly writeKey?: string;
  readonly workspaceId?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** A collector that answers over HTTP, with one source. */
export async function startCollector({
  writeKey = uniqueName('key'),
  workspaceId = uniqueName('workspace'),
  settings = {},
}: StartOptions = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-collector-'));
  const config = configOf({
    KAFKA_BROKERS: kafkaBrokers().join(','),
    CLICKHOUSE_URL: clickhouseUrl(),
    TRIBUTARY_DATA: dataDir,
    TRIBUTARY_WRITE_KEY: writeKey,
    TRIBUTARY_WORKSPACE: workspaceId,
    LOG_LEVEL: 'error',
    ...settings,
  });
  const service = await startService(collector, config);
  return {
    service,
    workspaceId,
    authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
    stop: async () => {
      await service.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** A collector that answers over HTTP, and what it writes to `events.v1`. */
export async function runningCollector(settings: Readonly<Record<string, string>> = {}) {
  const { service, workspaceId, authorization, stop } = await startCollector({ settings });
  const log = await followedEvents(workspaceId);
  const post = async (
    path: string,
    body: string | object,
    headers: Record<string, string> = {},
  ): Promise<Reply> => {
    const response = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  };
  const event = (messageId: string) =>
    eventually(() => Promise.resolve(log.events.get(messageId)), {
      until: (found) => found !== undefined,
      what: `event ${messageId}`,
    }) as Promise<EventMessage>;
  return {
    post,
    event,
    /** The event of the one call that is sent. */
    become: async (call: string | object): Promise<EventMessage> => {
      const messageId = uniqueName('message');
      const text = typeof call === 'string' ? call : JSON.stringify(call);
      const { status, body } = await post(
        '/v1/batch',
        `{"batch":[{"messageId":"${messageId}",${text.slice(1)}]}`,
      );
      if (status !== 200) throw new Error(JSON.stringify(body));
      return event(messageId);
    },
    /** The event's bytes in the log. */
    textOf: (messageId: string) => log.texts.get(messageId) ?? '',
    stop: async () => {
      await log.stop();
      await stop();
    },
  };
}

/** The codes of the flags in an event, with their fields. */
export function flagsOf({ context }: EventMessage): readonly string[] {
  const { flags = [] } = (context.tributary ?? {}) as {
    readonly flags?: readonly { readonly code: string; readonly field: string }[];
  };
  return flags.map(({ code, field }) => `${code} ${field}`.trim());
}
