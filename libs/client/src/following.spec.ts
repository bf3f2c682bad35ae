import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { AudienceChangeMessage, MembershipMessage } from '@tributary/contracts';
import { BatchingProducer, KafkaConnection, logBounds } from '@tributary/kafka';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followChanges, type Following } from './changes.js';
import { ChangesLostError } from './client.errors.js';
import { followMembers } from './members.js';
import { filePlaces } from './places.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('subscriber') });
afterAll(() => connection.close());
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function newTopic(): Promise<string> {
  const topic = uniqueName('subscribed');
  const topics = [{ topic, numPartitions: 2, replicationFactor: 1 }];
  await connection.withAdmin((admin) => admin.createTopics({ waitForLeaders: false, topics }));
  await logBounds(connection, topic);
  return topic;
}

/** What an owner of partition 0 says, under an epoch and with its running number in it. */
interface Said {
  readonly epoch?: number;
  readonly sequence?: number;
  readonly key?: string;
  readonly value: object | null;
}

async function say(topic: string, ...all: readonly Said[]): Promise<void> {
  const producer = new BatchingProducer(connection);
  await producer.connect();
  await producer.send(
    all.map(({ epoch, sequence, key = 'k', value }) => ({
      ...{ topic, partition: 0, key, value: value && JSON.stringify(value) },
      headers: {
        ...(epoch !== undefined && { epoch: String(epoch) }),
        ...(sequence !== undefined && { sequence: String(sequence) }),
      },
    })),
  );
  await producer.disconnect();
}

const change = (id: string, audienceKey = 'vip') => ({ workspaceId: 'default', id, audienceKey });
const claim = (epoch: number): Said => ({ epoch, key: '@epoch/0', value: { workspaceId: '@' } });

const changesOf = (topic: string, more: Partial<Following> = {}) =>
  followChanges(connection, {
    ...{ topic, from: 'beginning', places: undefined, saveEveryMs: 0, follow: false, signal: undefined },
    isWanted: ({ audienceKey }: AudienceChangeMessage) => audienceKey === 'vip',
    ...more,
  });

async function idsOf(changes: AsyncIterable<AudienceChangeMessage>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of changes) ids.push(id);
  return ids;
}

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'places-'));
  folders.push(folder);
  return join(folder, 'places.json');
}

describe('changes', () => {
  it('come each once, whatever former owners and requests that were sent again left in the log', async () => {
    const topic = await newTopic();
    await say(
      topic,
      claim(1),
      { epoch: 1, sequence: 1, value: change('1-1') },
      { epoch: 1, sequence: 1, value: change('1-1') },
      { epoch: 1, sequence: 2, value: change('1-2', 'other') },
      claim(4),
      { epoch: 4, sequence: 1, value: change('4-1') },
      { epoch: 1, sequence: 3, value: change('1-3') },
      { epoch: 4, sequence: 2, value: change('4-2') },
    );
    expect(await idsOf(changesOf(topic))).toEqual(['1-1', '4-1', '4-2']);
  });

  it('go on where the places say, with the rule too, and again with what was in hand', async () => {
    const topic = await newTopic();
    const places = filePlaces(await newFile());
    await say(topic, claim(2), ...[1, 2, 3].map((n) => ({ epoch: 2, sequence: n, value: change(`2-${n}`) })));
    for await (const { id } of changesOf(topic, { places })) if (id === '2-2') break;
    expect(await places.load()).toMatchObject({ 0: { offset: 2, epoch: 2, sequence: 1 } });
    expect(await idsOf(changesOf(topic, { places }))).toEqual(['2-2', '2-3']);
    expect(await idsOf(changesOf(topic, { places }))).toEqual([]);
    // A former owner's, and one that was told before.
    await say(topic, { epoch: 1, sequence: 9, value: change('1-9') });
    await say(topic, { epoch: 2, sequence: 3, value: change('2-3') });
    await say(topic, { epoch: 2, sequence: 4, value: change('2-4') });
    expect(await idsOf(changesOf(topic, { places }))).toEqual(['2-4']);
  });

  it('begin now where that is asked for, and nothing is missed between two runs', async () => {
    const topic = await newTopic();
    const file = await newFile();
    const now = { from: 'now', places: filePlaces(file) } as const;
    await say(topic, { epoch: 1, sequence: 1, value: change('1-1') });
    expect(await idsOf(changesOf(topic, now))).toEqual([]);
    await say(topic, { epoch: 1, sequence: 2, value: change('1-2') });
    expect(await idsOf(changesOf(topic, now))).toEqual(['1-2']);
    expect(await readdir(join(file, '..'))).toEqual(['places.json']);
  });

  it('follow until they are told to stop', async () => {
    const topic = await newTopic();
    const controller = new AbortController();
    const changes = changesOf(topic, { follow: true, signal: controller.signal });
    const first = changes.next();
    await say(topic, { epoch: 1, sequence: 1, value: change('1-1') });
    expect((await first).value).toMatchObject({ id: '1-1' });
    const next = changes.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('that retention removed before they were read are an error that says what to do', async () => {
    const topic = await newTopic();
    const file = await newFile();
    await say(topic, ...[1, 2, 3].map((n) => ({ epoch: 1, sequence: n, value: change(`1-${n}`) })));
    await writeFile(file, JSON.stringify({ 0: { offset: 1, epoch: 1, sequence: 1 } }));
    await connection.withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    });
    const lost = idsOf(changesOf(topic, { places: filePlaces(file) }));
    await expect(lost).rejects.toThrow(ChangesLostError);
    await expect(lost).rejects.toThrow('offset 1 to 1 are gone');
  });

  it('say which file is damaged', async () => {
    const file = await newFile();
    await writeFile(file, '{');
    await expect(idsOf(changesOf(await newTopic(), { places: filePlaces(file) }))).rejects.toThrow(file);
  });
});

describe('members', () => {
  const membership = (
    profileId: string,
    member: boolean,
    audienceKey = 'vip',
  ): Partial<MembershipMessage> => ({
    ...{ workspaceId: 'default', audienceKey, profileId, member, identifiers: [`user_id:${profileId}`] },
    ...{ since: '2026-01-01T00:00:00.000Z', cause: 'event', epoch: 1 },
  });
  const membersOf = (topic: string, follow: boolean) =>
    followMembers(connection, {
      ...{ topic, workspaceId: 'default', audienceKey: 'vip', follow, signal: undefined },
    });

  it('are first those who are in, and then who enters and leaves, whom the set has at that moment', async () => {
    const topic = await newTopic();
    await say(
      topic,
      claim(3),
      { epoch: 3, sequence: 1, value: membership('ann', true) },
      { epoch: 3, sequence: 2, value: membership('ben', true) },
      { epoch: 3, sequence: 3, value: membership('cleo', true, 'other') },
      { epoch: 3, sequence: 4, value: membership('ben', false) },
      // A former owner's, and one said again.
      { epoch: 2, sequence: 9, value: membership('dee', true) },
      { epoch: 3, value: membership('ann', true) },
    );
    const steps = membersOf(topic, true);
    const { value: first } = await steps.next();
    if (first?.kind !== 'members') throw new Error('the first step is to be who is in');
    expect([...first.members]).toEqual(['ann']);
    await say(topic, { epoch: 3, sequence: 5, value: membership('ben', true) });
    await say(topic, { epoch: 3, sequence: 6, value: membership('ann', false) });
    expect((await steps.next()).value).toMatchObject({ kind: 'entered', profileId: 'ben', cause: 'event' });
    expect([...first.members]).toEqual(['ann', 'ben']);
    expect((await steps.next()).value).toMatchObject({ kind: 'exited', identifiers: ['user_id:ann'] });
    expect([...first.members]).toEqual(['ben']);
    await steps.return();
  });

  it('end behind the first step where nothing is followed', async () => {
    const topic = await newTopic();
    await say(topic, { epoch: 1, sequence: 1, value: membership('ann', true) });
    const seen = [];
    for await (const step of membersOf(topic, false)) seen.push(step);
    expect(seen).toEqual([{ kind: 'members', members: new Set(['ann']) }]);
  });
});
