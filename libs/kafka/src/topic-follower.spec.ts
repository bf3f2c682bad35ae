import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { KafkaConnection } from './connection.js';
import { LostRangeError } from './kafka.errors.js';
import { cutOff, newTopic, silentReaders, write } from '../test/logs.fixture.js';
import type { LogRecord } from './records.js';
import { TopicFollower, type TopicFollowerOptions } from './topic-follower.js';
import { StuckError } from './watchdog.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('follower') });
const running: TopicFollower[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((follower) => follower.stop()));
});

function follow(
  topic: string,
  onRecord: (record: LogRecord) => void | Promise<void>,
  options: Partial<TopicFollowerOptions> = {},
  way = connection,
) {
  const fatal: unknown[] = [];
  const onFatal = (error: unknown) => fatal.push(error);
  const follower = new TopicFollower(way, { name: topic }, onRecord, { onFatal, ...options });
  running.push(follower);
  return { follower, fatal };
}

describe('TopicFollower', () => {
  it('starts once it has handed over what was there, then follows', async () => {
    const topic = await newTopic(connection, 2);
    await write(connection, topic, 0, ['a', 'b']);
    await write(connection, topic, 1, ['c']);
    const seen: string[] = [];
    const { follower, fatal } = follow(topic, ({ partition, offset, value }) => {
      seen.push(`${partition}/${offset} ${value?.toString('utf8')}`);
    });
    await follower.start();
    expect([...seen].sort()).toEqual(['0/0 a', '0/1 b', '1/0 c']);
    await write(connection, topic, 1, ['d']);
    await eventually(() => seen.includes('1/1 d'));
    expect(seen).toHaveLength(4);
    expect(fatal).toEqual([]);
  });

  it('starts at once on an empty topic', async () => {
    const { follower } = follow(await newTopic(connection, 1), () => undefined);
    await expect(follower.start()).resolves.toBeUndefined();
  });

  it('starts on a topic that ends with what no reader sees', async () => {
    const topic = await newTopic(connection, 1);
    const other = connection.client.producer({
      transactionalId: uniqueName('transactional'),
      idempotent: true,
    });
    await other.connect();
    const transaction = await other.transaction();
    await transaction.send({ topic, messages: [{ partition: 0, key: 'k', value: 'a' }] });
    await transaction.abort();
    await other.disconnect();
    const { follower } = follow(topic, () => undefined);
    await expect(follower.start()).resolves.toBeUndefined();
  });

  it('does not start where its handler throws', async () => {
    const topic = await newTopic(connection, 1);
    await write(connection, topic, 0, ['a']);
    const { follower, fatal } = follow(topic, () => Promise.reject(new Error('no such thing')));
    await expect(follower.start()).rejects.toThrow('no such thing');
    expect(fatal).toEqual([]);
  });

  it('ends the process, once, where its handler throws later, and hands nothing more over', async () => {
    const topic = await newTopic(connection, 1);
    const seen: number[] = [];
    const { follower, fatal } = follow(topic, ({ offset }) => {
      seen.push(offset);
      throw new Error('no such thing');
    });
    await follower.start();
    await write(connection, topic, 0, ['a', 'b']);
    await eventually(() => fatal.length > 0);
    expect(fatal).toEqual([new Error('no such thing')]);
    expect(seen).toEqual([0]);
  });

  it('ends the process where records that it has not read are gone from the log', async () => {
    const topic = await newTopic(connection, 1);
    const cut = async ({ offset }: LogRecord) => {
      if (offset > 0) return;
      await write(connection, topic, 0, ['b', 'c', 'd']);
      await cutOff(connection, topic, 3);
    };
    const { follower, fatal } = follow(topic, cut);
    await follower.start();
    await write(connection, topic, 0, ['a']);
    await eventually(() => fatal.length > 0);
    expect(fatal[0]).toBeInstanceOf(LostRangeError);
    expect(fatal[0]).toMatchObject({ topic, partition: 0, from: 1, to: 3 });
  });

  it('ends the process where nothing comes although there is more', async () => {
    const topic = await newTopic(connection, 1);
    const { connection: watched, silenceAll } = silentReaders();
    const { follower, fatal } = follow(topic, () => undefined, { stuckAfterMs: 300 }, watched);
    await follower.start();
    await silenceAll();
    await write(connection, topic, 0, ['a']);
    await eventually(() => fatal.length > 0);
    expect(fatal).toEqual([expect.any(StuckError)]);
    expect(fatal[0]).toMatchObject({ behind: [`${topic}/0 at 0 of 1`] });
  });
});
