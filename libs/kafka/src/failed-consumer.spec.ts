import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { KafkaConnection } from './connection.js';
import { GroupConsumer } from './group-consumer.js';
import { FencedError } from './liveness.js';
import { newTopic, silentConsumers, write } from '../test/logs.fixture.js';
import { groupOffsets } from './topics.js';
import { StuckError } from './watchdog.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('failed') });
const running: GroupConsumer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.close()));
});

describe('GroupConsumer', () => {
  it('tells the error of a handler once, commits nothing past it, and is heard of no more', async () => {
    const topic = await newTopic(connection, 2);
    // Before the start: one fetch brings both, or the second waits for the handler of the first.
    for (const partition of [0, 1]) await write(connection, topic, partition, ['a']);
    const groupId = uniqueName('failed');
    const fatal: unknown[] = [];
    const cause = new Error('no such thing');
    const isUnderWay = Promise.withResolvers<undefined>();
    const mayEnd = Promise.withResolvers<undefined>();
    const consumer = new GroupConsumer(
      { connection, groupId, topics: [topic], onFatal: (error) => fatal.push(error) },
      async ({ partition }) => {
        if (partition === 0) {
          await isUnderWay.promise;
          throw cause;
        }
        isUnderWay.resolve(undefined);
        // Slower than the session: only heartbeats could keep this member.
        await mayEnd.promise;
      },
    );
    running.push(consumer);
    await consumer.start();
    try {
      await eventually(() => fatal.length > 0);
      expect(() => {
        consumer.liveness.assertAlive();
      }).toThrow(FencedError);
      const members = async () => {
        const { groups } = await connection.withAdmin((admin) => admin.describeGroups([groupId]));
        return groups[0]?.members.length;
      };
      await eventually(members, { until: (count) => count === 0 });
    } finally {
      mayEnd.resolve(undefined);
    }
    await consumer.close();
    expect(fatal).toEqual([cause]);
    expect(await groupOffsets(connection, groupId, topic)).toEqual(new Map());
  });

  it.each(['pause', 'stop'] as const)(
    'ends the process where its consumer died of %s before it took anything',
    async (way) => {
      const topic = await newTopic(connection, 1);
      const { connection: watched, silenceAll } = silentConsumers();
      const fatal: unknown[] = [];
      const consumer = new GroupConsumer(
        {
          connection: watched,
          groupId: uniqueName('failed'),
          topics: [topic],
          stuckAfterMs: 300,
          onFatal: (error) => fatal.push(error),
        },
        () => Promise.resolve(),
      );
      running.push(consumer);
      await consumer.start();
      await silenceAll(way, topic);
      await write(connection, topic, 0, ['a']);
      await eventually(() => fatal.length > 0);
      expect(fatal).toEqual([expect.any(StuckError)]);
      expect(fatal[0]).toMatchObject({ behind: [`${topic}/0 at 0 of 1`] });
    },
  );

  it('ends the process where its consumer died although an owner holds its partitions', async () => {
    const topic = await newTopic(connection, 1);
    const { connection: watched, silenceAll } = silentConsumers();
    const fatal: unknown[] = [];
    const handed: number[] = [];
    const consumer = new GroupConsumer(
      {
        connection: watched,
        groupId: uniqueName('failed'),
        topics: [topic],
        owner: {
          assigned: () => Promise.resolve(new Map([[topic, 0]])),
          revoked: () => Promise.resolve(),
        },
        // Longer than a paused consumer sleeps before it looks again.
        stuckAfterMs: 2_000,
        onFatal: (error) => fatal.push(error),
      },
      ({ endOffset }) => {
        handed.push(endOffset);
        return Promise.resolve();
      },
    );
    running.push(consumer);
    await consumer.start();
    await write(connection, topic, 0, ['a', 'b']);
    await eventually(() => handed.includes(2));
    await silenceAll('pause', topic);
    await write(connection, topic, 0, ['c']);
    await eventually(() => fatal.length > 0);
    expect(fatal).toEqual([expect.any(StuckError)]);
    expect(fatal[0]).toMatchObject({ behind: [`${topic}/0 at 2 of 3`] });
  });
});
