import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeId, TOPICS } from '@tributary/contracts';
import { BatchingProducer, KafkaConnection } from '@tributary/kafka';
import { profileIdOf, scopedKey } from '@tributary/kernel';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import { RunningApi } from '../../../test/running-api.fixture.js';

const api = new RunningApi();
const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('changes') });
const producer = new BatchingProducer(connection);
const EPOCH = Date.now();
let sequence = 0;

interface Told {
  readonly epoch?: number;
  readonly workspaceId?: string;
  readonly audienceKey?: string;
}

/** An owner of a partition tells a change; answers with its id. */
async function tell(name: string, told: Told = {}): Promise<string> {
  const { epoch = EPOCH, workspaceId = api.workspace, audienceKey = 'live' } = told;
  sequence += 1;
  const id = changeId(0, { epoch, sequence });
  const profileId = profileIdOf(workspaceId, `user_id:${name}`);
  const message = {
    ...{ workspaceId, id, audienceKey, profileId, change: 'entered', at: '2026-01-02T03:04:05.678Z' },
    ...{ cause: 'event', identifiers: [`user_id:${name}`] },
  };
  const headers = { schema: 'audience-change@1', epoch: String(epoch), sequence: String(sequence) };
  const key = scopedKey(workspaceId, profileId);
  const record = { topic: TOPICS.changes.name, partition: 0, key, value: JSON.stringify(message), headers };
  await producer.send([record]);
  return id;
}

/** Reads a stream of events until it has so many; then leaves. */
async function read(
  events: number,
  lastEventId?: string,
  whenReady: () => Promise<unknown> = () => Promise.resolve(),
) {
  const leaving = new AbortController();
  const answer = await fetch(`${api.service.url}/v1/audiences/live/changes`, {
    headers: { authorization: 'Bearer dev-api-token', ...(lastEventId && { 'last-event-id': lastEventId }) },
    signal: leaving.signal,
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ]);
  let text = '';
  let isAsked = false;
  const blocks = () => text.split('\n\n').slice(0, -1);
  const named = () => blocks().filter((block) => block.includes('event: '));
  for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (!isAsked) {
      isAsked = true;
      void whenReady();
    }
    if (named().length >= events) break;
  }
  leaving.abort();
  return named().map((block) => {
    const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    const { id } = JSON.parse(fields.get('data') ?? '{}') as { readonly id?: string };
    return { name: fields.get('event'), position: fields.get('id'), id };
  });
}

beforeAll(async () => {
  await api.start({ API_CHANGE_STREAMS: '2' });
  await producer.connect();
  await api.ask('PUT', '/v1/audiences/live', { name: 'Live', query: "trait('plan') = 'pro'" });
});
afterAll(async () => {
  await producer.disconnect();
  await api.stop();
});

describe('the changes of an audience', () => {
  let position: string | undefined;

  it('are told as they come: neither those of others, nor a former owner’s', async () => {
    const told: string[] = [];
    const events = await read(3, undefined, async () => {
      told.push(await tell('ann'));
      await tell('bob', { audienceKey: 'another' });
      await tell('bob', { workspaceId: 'another' });
      await tell('bob', { epoch: EPOCH - 1 });
      told.push(await tell('eve'));
    });
    expect(events.map(({ name, id }) => [name, id])).toEqual([
      ['ready', undefined],
      ...told.map((id) => ['change', id]),
    ]);
    position = events.at(-1)?.position;
  });

  it('go on where a stream ended', async () => {
    const missed = [await tell('ann'), await tell('bob')];
    const later = await tell('later');
    const events = await read(4, position);
    // Those that were not read from Kafka yet when it was opened come behind `ready`.
    expect(events.filter(({ name }) => name === 'change').map(({ id }) => id)).toEqual([...missed, later]);
    expect(events.filter(({ name }) => name === 'ready')).toHaveLength(1);
  });

  it('have a gap where nobody knows what was missed', async () => {
    expect(await read(1, 'another/0')).toMatchObject([{ name: 'gap' }]);
    const answer = await api.ask('GET', '/v1/audiences/live/changes', undefined, { 'last-event-id': 'x' });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });

  it('are of an audience that is there, and told to so many at once', async () => {
    expect((await api.ask('GET', '/v1/audiences/none/changes')).status).toBe(404);
    const url = `${api.service.url}/v1/audiences/live/changes`;
    const leaving = new AbortController();
    const open = () =>
      fetch(url, { headers: { authorization: 'Bearer dev-api-token' }, signal: leaving.signal });
    const statuses = [(await open()).status, (await open()).status];
    const third = await open();
    expect([...statuses, third.status]).toEqual([200, 200, 429]);
    leaving.abort();
  });
});
