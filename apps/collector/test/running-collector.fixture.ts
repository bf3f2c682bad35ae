import { TOPICS, type EventMessage } from '@tributary/contracts';
import { KafkaConnection, TopicFollower } from '@tributary/kafka';
import { readSettings, startService } from '@tributary/service';
import { clickhouseUrl, eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COLLECTOR_SETTINGS } from '../src/collector.config.js';
import { collector } from '../src/collector.js';

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

/** A collector that answers over HTTP, and what it writes to `events.v1`. */
export async function runningCollector(settings: Readonly<Record<string, string>> = {}) {
  const writeKey = uniqueName('key');
  const workspaceId = uniqueName('workspace');
  const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-collector-'));
  const read = readSettings(COLLECTOR_SETTINGS, {
    KAFKA_BROKERS: kafkaBrokers().join(','),
    CLICKHOUSE_URL: clickhouseUrl(),
    COLLECTOR_PORT: '0',
    TRIBUTARY_DATA: dataDir,
    TRIBUTARY_WRITE_KEY: writeKey,
    TRIBUTARY_WORKSPACE: workspaceId,
    LOG_LEVEL: 'error',
    ...settings,
  });
  if (!read.ok) throw new Error(read.error.join('\n'));
  const service = await startService(collector, read.value);
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
      await service.close();
      await rm(dataDir, { recursive: true });
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
