import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import type { ConsumerConfig } from 'kafkajs';
import { newTopic, write } from '../test/logs.fixture.js';
import { KafkaConnection } from './connection.js';
import { GroupConsumer } from './group-consumer.js';
import { clusterOf } from './kafkajs-cluster.js';
import { FencedError } from './liveness.js';
import type { PartitionBatch } from './records.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('rebalance') });
const running: GroupConsumer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.close()));
});

/** Where each partition is folded to: what outlives an owner. */
type Checkpoints = Map<number, number>;

interface MemberOptions {
  readonly of?: KafkaConnection;
  readonly onBatch?: (batch: PartitionBatch) => Promise<void>;
}

/** A member whose owner has its partitions open, and says what it did with them. */
function member(groupId: string, topic: string, checkpoints: Checkpoints, options: MemberOptions = {}) {
  const { of = connection, onBatch } = options;
  const did: string[] = [];
  const handed: string[] = [];
  const fatal: unknown[] = [];
  const open = new Set<number>();
  const consumer = new GroupConsumer(
    {
      connection: of,
      groupId,
      topics: [topic],
      owner: {
        assigned: (partition) => {
          did.push(`open ${partition}`);
          open.add(partition);
          return Promise.resolve(new Map([[topic, checkpoints.get(partition) ?? 0]]));
        },
        revoked: (partition) => {
          did.push(`close ${partition}`);
          open.delete(partition);
          return Promise.resolve();
        },
      },
      onFatal: (error) => fatal.push(error),
    },
    async (batch) => {
      expect(open).toContain(batch.partition);
      await onBatch?.(batch);
      handed.push(...batch.records.map(({ partition, offset }) => `${partition}@${offset}`));
      checkpoints.set(batch.partition, batch.endOffset);
    },
  );
  running.push(consumer);
  return { consumer, did, handed, fatal, open };
}

type Member = ReturnType<typeof member>;

const PARTITIONS = [0, 1, 2, 3, 4, 5];
const openIn = (members: readonly Member[]) => members.flatMap(({ open }) => [...open]).sort();
const settled = (members: readonly Member[], share: number) => () =>
  members.every(({ open }) => open.size === share) && openIn(members).length === PARTITIONS.length;

async function writeAll(topic: string, values: readonly string[]): Promise<void> {
  for (const partition of PARTITIONS) await write(connection, topic, partition, values);
}

const allOf = (count: number) =>
  PARTITIONS.flatMap((p) => Array.from({ length: count }, (_, offset) => `${p}@${offset}`)).sort();

describe('a rebalance', () => {
  it('leaves open what stays, opens what comes, closes what goes, and hands each record over once', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const groupId = uniqueName('rebalance');
    const checkpoints: Checkpoints = new Map();
    const members: Member[] = [];
    for (const share of [6, 3, 2]) {
      const joining = member(groupId, topic, checkpoints);
      members.push(joining);
      await joining.consumer.start();
      await eventually(settled(members, share));
      await writeAll(topic, ['a', 'b']);
      const count = members.length * 2;
      await eventually(() => members.flatMap(({ handed }) => handed).length >= PARTITIONS.length * count);
    }
    const [first, second, third] = members;
    expect(members.flatMap(({ handed }) => handed).sort()).toEqual(allOf(6));
    expect(first?.did.filter((what) => what.startsWith('open'))).toHaveLength(6);
    expect(first?.did.filter((what) => what.startsWith('close'))).toHaveLength(4);
    expect(second?.did.filter((what) => what.startsWith('open'))).toHaveLength(3);
    expect(second?.did.filter((what) => what.startsWith('close'))).toHaveLength(1);
    expect(third?.did).toHaveLength(2);
    expect(members.flatMap(({ fatal }) => fatal)).toEqual([]);
  });

  it('takes back what a member leaves behind, and goes on with the rest', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const groupId = uniqueName('rebalance');
    const checkpoints: Checkpoints = new Map();
    const members = [member(groupId, topic, checkpoints), member(groupId, topic, checkpoints)] as const;
    for (const { consumer } of members) await consumer.start();
    await eventually(settled(members, 3));
    await writeAll(topic, ['a']);
    await eventually(() => members.flatMap(({ handed }) => handed).length >= 6);
    const [stays, leaves] = members;
    const before = stays.did.length;
    running.splice(running.indexOf(leaves.consumer), 1);
    await leaves.consumer.close();
    await eventually(() => stays.open.size === 6);
    await writeAll(topic, ['b']);
    await eventually(() => members.flatMap(({ handed }) => handed).length >= 12);
    expect(members.flatMap(({ handed }) => handed).sort()).toEqual(allOf(2));
    expect(stays.did.slice(before).every((what) => what.startsWith('open'))).toBe(true);
    expect(stays.did.slice(before)).toHaveLength(3);
  });

  it('counts a batch of a partition that stays once, though it was at work while the group was rebalanced', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const groupId = uniqueName('rebalance');
    const checkpoints: Checkpoints = new Map();
    const [isAt, mayGoOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const slow = member(groupId, topic, checkpoints, {
      onBatch: async () => {
        isAt.resolve(undefined);
        await mayGoOn.promise;
      },
    });
    await slow.consumer.start();
    await writeAll(topic, ['a']);
    await isAt.promise;
    const joining = member(groupId, topic, checkpoints);
    const started = joining.consumer.start();
    const isJoining = async () => {
      const { groups } = await connection.withAdmin((admin) => admin.describeGroups([groupId]));
      return groups[0]?.state === 'PreparingRebalance';
    };
    await eventually(isJoining);
    mayGoOn.resolve(undefined);
    await started;
    await eventually(settled([slow, joining], 3));
    await writeAll(topic, ['b']);
    const members = [slow, joining];
    await eventually(() => members.flatMap(({ handed }) => handed).length >= 12);
    expect(members.flatMap(({ handed }) => handed).sort()).toEqual(allOf(2));
    expect(slow.did.filter((what) => what.startsWith('open'))).toHaveLength(6);
  });

  it('goes on where it was when it is told its assignment again while a handler is at work', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const { connection: heard, joinAgain } = joiningAgain();
    const [isAt, mayGoOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const one = member(uniqueName('rebalance'), topic, new Map(), {
      of: heard,
      onBatch: async ({ partition }) => {
        if (partition !== 0) return;
        isAt.resolve(undefined);
        await mayGoOn.promise;
      },
    });
    await one.consumer.start();
    await writeAll(topic, ['a']);
    await isAt.promise;
    joinAgain();
    joinAgain();
    mayGoOn.resolve(undefined);
    await writeAll(topic, ['b']);
    await eventually(() => one.handed.length >= 12);
    expect([...one.handed].sort()).toEqual(allOf(2));
    expect(one.did.every((what) => what.startsWith('open'))).toBe(true);
    expect(one.fatal).toEqual([]);
  });

  it('opens everything again for a member that missed a generation, in which it may have been another’s', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const groupId = uniqueName('rebalance');
    const checkpoints: Checkpoints = new Map();
    const { connection: slowly, holdAssigning } = slowLeader();
    const leader = member(groupId, topic, checkpoints, { of: slowly });
    await leader.consumer.start();
    await eventually(() => leader.open.size === 6);
    const held = holdAssigning();
    const [second, third] = [member(groupId, topic, checkpoints), member(groupId, topic, checkpoints)];
    const starting = [second.consumer.start()];
    await held.isAsked;
    starting.push(third.consumer.start());
    const isIn = async () => {
      const { groups } = await connection.withAdmin((admin) => admin.describeGroups([groupId]));
      return groups[0]?.members.length === 3 && groups[0].state === 'PreparingRebalance';
    };
    await eventually(isIn);
    held.goOn.resolve(undefined);
    await Promise.all(starting);
    await eventually(settled([leader, second, third], 2));
    const opened = leader.did.filter((what) => what.startsWith('open'));
    expect(opened).toHaveLength(8);
    expect(leader.did.filter((what) => what.startsWith('close'))).toHaveLength(6);
    await writeAll(topic, ['a']);
    const members = [leader, second, third];
    await eventually(() => members.flatMap(({ handed }) => handed).length >= 6);
    expect(members.flatMap(({ handed }) => handed).sort()).toEqual(allOf(1));
    expect(members.flatMap(({ fatal }) => fatal)).toEqual([]);
  });
});

describe('a member that the group let go', () => {
  it('ends where an owner has its partitions open', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const groupId = uniqueName('rebalance');
    const { consumer, fatal } = member(groupId, topic, new Map());
    await consumer.start();
    await letGo(groupId);
    await eventually(() => fatal.length > 0);
    expect(fatal).toEqual([expect.any(FencedError)]);
    expect(fatal[0]).toMatchObject({ why: 'expelled' });
  });

  it('goes on as another where there is no owner', async () => {
    const topic = await newTopic(connection, PARTITIONS.length);
    const groupId = uniqueName('rebalance');
    const handed = new Set<string>();
    const fatal: unknown[] = [];
    const consumer = new GroupConsumer(
      { connection, groupId, topics: [topic], onFatal: (error) => fatal.push(error) },
      ({ records }) => {
        for (const { partition, offset } of records) handed.add(`${partition}@${offset}`);
        return Promise.resolve();
      },
    );
    running.push(consumer);
    await consumer.start();
    await writeAll(topic, ['a']);
    await eventually(() => handed.size === 6);
    await letGo(groupId);
    await writeAll(topic, ['b']);
    await eventually(() => handed.size === 12);
    expect(fatal).toEqual([]);
  });
});

/** Has the coordinator of a group forget its members, as when it hears nothing of them for a session. */
async function letGo(groupId: string): Promise<void> {
  const cluster = clusterOf(connection.newClient());
  await cluster.connect();
  await cluster.refreshMetadata();
  const { groups } = await connection.withAdmin((admin) => admin.describeGroups([groupId]));
  const coordinator = await cluster.findGroupCoordinator({ groupId });
  for (const { memberId } of groups[0]?.members ?? []) {
    await (coordinator as unknown as { leaveGroup(of: object): Promise<void> }).leaveGroup({
      groupId,
      memberId,
    });
  }
  await cluster.disconnect();
}

/** A connection whose members, as leaders of a group, take as long to assign partitions as the spec wants. */
function slowLeader() {
  const slowly = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('slow') });
  let hold: { readonly asked: PromiseWithResolvers<undefined>; readonly until: Promise<unknown> } | undefined;
  const make = slowly.client.consumer.bind(slowly.client);
  slowly.client.consumer = (config: ConsumerConfig) =>
    make({
      ...config,
      partitionAssigners: (config.partitionAssigners ?? []).map((assigner) => (of) => {
        const made = assigner(of);
        return {
          ...made,
          assign: async (group) => {
            const held = hold;
            hold = undefined;
            held?.asked.resolve(undefined);
            await held?.until;
            return made.assign(group);
          },
        };
      }),
    });
  return {
    connection: slowly,
    /** The next time. */
    holdAssigning: () => {
      const [asked, goOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
      hold = { asked, until: goOn.promise };
      return { isAsked: asked.promise, goOn };
    },
  };
}

/** A connection whose members can be told of their last join once more, as after a look for new leaders. */
function joiningAgain() {
  const heard = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('again') });
  const again: (() => void)[] = [];
  const make = heard.client.consumer.bind(heard.client);
  heard.client.consumer = (config: ConsumerConfig) => {
    const consumer = make(config);
    const on = consumer.on.bind(consumer) as (name: string, listener: (event: never) => void) => () => void;
    const listen = (name: string, listener: (event: never) => void) =>
      on(name, (event: never) => {
        if (name === consumer.events.GROUP_JOIN)
          again.push(() => {
            listener(event);
          });
        listener(event);
      });
    consumer.on = listen as typeof consumer.on;
    return consumer;
  };
  return {
    connection: heard,
    joinAgain: () => {
      for (const tell of again) tell();
    },
  };
}
