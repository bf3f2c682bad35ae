import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { newTopic, write } from '../test/logs.fixture.js';
import { KafkaConnection } from './connection.js';
import { groupAddresses } from './group-addresses.js';
import { GroupConsumer } from './group-consumer.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('addresses') });
const running: GroupConsumer[] = [];
const PARTITIONS = [0, 1, 2, 3];

afterAll(async () => {
  await Promise.all(running.map((consumer) => consumer.close()));
  await connection.close();
});

interface MemberOptions {
  readonly address?: string;
  /** From where its state goes on, in each partition. */
  readonly from?: number;
  readonly onBatch?: () => Promise<void>;
}

function member(groupId: string, topic: string, { address, from = 0, onBatch }: MemberOptions = {}) {
  const consumer = new GroupConsumer(
    {
      ...{ connection, groupId, topics: [topic], address: () => address },
      owner: {
        assigned: () => Promise.resolve(new Map([[topic, from]])),
        revoked: () => Promise.resolve(),
      },
      onFatal: (error) => {
        throw error;
      },
    },
    async () => {
      await onBatch?.();
    },
  );
  running.push(consumer);
  return consumer;
}

const owned = (consumer: GroupConsumer) => PARTITIONS.filter((partition) => consumer.isOwnerOf(partition));

describe('groupAddresses', () => {
  it('says where each partition is answered for, also when a member has come or gone', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const group = uniqueName('group');
    const a = member(group, topic, { address: 'http://a:1' });
    await a.start();
    expect([...(await groupAddresses(connection, group)).values()]).toEqual(Array(4).fill('http://a:1'));
    const b = member(group, topic, { address: 'http://b:2' });
    await b.start();
    const shared = await eventually(() => groupAddresses(connection, group), {
      until: (found) => found.size === 4 && new Set(found.values()).size === 2,
    });
    await eventually(() => owned(a).length + owned(b).length === 4);
    const of = (address: string) => [...shared].filter(([, at]) => at === address).map(([p]) => p);
    expect([of('http://a:1').sort(), of('http://b:2').sort()]).toEqual([owned(a), owned(b)]);
    await a.close();
    running.splice(running.indexOf(a), 1);
    await eventually(() => groupAddresses(connection, group), {
      until: (found) => found.size === 4 && [...found.values()].every((at) => at === 'http://b:2'),
    });
    expect(owned(a)).toEqual([]);
  });

  it('knows none of members that answer nobody, and of a group that is not there', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const group = uniqueName('group');
    await member(group, topic).start();
    expect(await groupAddresses(connection, group)).toEqual(new Map());
    expect(await groupAddresses(connection, uniqueName('group'))).toEqual(new Map());
  });
});

describe('a member', () => {
  it('owns a partition once it has handled what was in its log when it came', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    await write(connection, topic, 1, ['a', 'b']);
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const consumer = member(uniqueName('group'), topic, { onBatch: () => held });
    await consumer.start();
    await eventually(() => owned(consumer).length === 3);
    expect(owned(consumer)).toEqual([0, 2, 3]);
    goOn();
    await eventually(() => consumer.isOwnerOf(1));
    await write(connection, topic, 1, ['c']);
    expect(consumer.isOwnerOf(1)).toBe(true);
  });

  it('owns nothing before it has joined, nor once the group may have let it go', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const consumer = member(uniqueName('group'), topic);
    expect(owned(consumer)).toEqual([]);
    await consumer.start();
    await eventually(() => owned(consumer).length === 4);
    consumer.liveness.end();
    expect(owned(consumer)).toEqual([]);
  });
});
