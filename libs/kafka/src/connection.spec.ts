import { describe, expect, it } from '@jest/globals';
import { kafkaBrokers, uniqueName } from '@tributary/testing';
import type { ConsumerConfig } from 'kafkajs';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newTopic } from '../test/logs.fixture.js';
import { kafkaTuning } from './client-settings.js';
import { KafkaConnection } from './connection.js';
import { GroupConsumer } from './group-consumer.js';

describe('KafkaConnection', () => {
  it('warns of no answer that is thrown to whoever asked', async () => {
    const lines: string[] = [];
    const log = (level: string) => (_fields: object, message: string) => lines.push(`${level} ${message}`);
    const logger = { warn: log('warn'), debug: log('debug') };
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('logs'), logger });
    const create = { validateOnly: true, topics: [{ topic: 'no/such:name', numPartitions: 1 }] };
    await expect(connection.withAdmin((admin) => admin.createTopics(create))).rejects.toThrow();
    expect(lines).toEqual([expect.stringMatching(/^debug Response CreateTopics/)]);
  });

  it('has one admin client, which its uses share, one after the other', async () => {
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('admin') });
    const steps: string[] = [];
    const use = (name: string) =>
      connection.withAdmin(async (admin) => {
        steps.push(`${name} begins`);
        await admin.listTopics();
        steps.push(`${name} ends`);
        return admin;
      });
    const [first, second] = await Promise.all([use('a'), use('b')]);
    expect(second).toBe(first);
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    await connection.close();
  });

  it('makes the admin client anew after a failure, which is the caller’s', async () => {
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('admin') });
    const before = await connection.withAdmin((admin) => Promise.resolve(admin));
    const failing = connection.withAdmin(() => Promise.reject(new Error('no such thing')));
    await expect(failing).rejects.toThrow('no such thing');
    const after = await connection.withAdmin(async (admin) => {
      await admin.listTopics();
      return admin;
    });
    expect(after).not.toBe(before);
    await connection.close();
  });

  it('does the work that it has when it is closed, and refuses what comes later', async () => {
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('admin') });
    const asked = connection.withAdmin((admin) => admin.listTopics());
    const closed = connection.close();
    await expect(connection.withAdmin((admin) => admin.listTopics())).rejects.toThrow('is closed');
    await closed;
    expect(await asked).toEqual(expect.any(Array));
  });

  it('keeps no process alive that is done', async () => {
    const source = `
      import { KafkaConnection, logBounds, readPartition } from '@tributary/kafka';
      const [brokers, topic] = process.argv.slice(-2);
      const connection = new KafkaConnection({ brokers: [brokers], clientId: 'done' });
      await readPartition(connection, { topic, partition: 0, from: 0 }, () => undefined);
      console.log((await logBounds(connection, topic)).size);
    `;
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('admin') });
    const topic = await newTopic(connection, 3);
    const given = ['--input-type=module', '-e', source, '--', kafkaBrokers()[0] ?? '', topic];
    const cwd = fileURLToPath(new URL('..', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, given, { cwd });
    expect(stdout).toBe('3\n');
    await connection.close();
  });

  it('says to its groups and clients what the settings say', () => {
    const tuning = kafkaTuning({
      KAFKA_REQUEST_TIMEOUT_MS: 20_000,
      KAFKA_SESSION_TIMEOUT_MS: 30_000,
      KAFKA_REBALANCE_TIMEOUT_MS: 60_000,
      KAFKA_FETCH_BYTES: 1_048_576,
    });
    const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: 'tuned', tuning });
    const asked: unknown[] = [];
    const make = connection.client.consumer.bind(connection.client);
    connection.client.consumer = (config: ConsumerConfig) => {
      asked.push(config);
      return make(config);
    };
    const options = { connection, groupId: 'g', topics: [], onFatal: () => undefined };
    const { liveness } = new GroupConsumer(options, () => Promise.resolve());
    expect(liveness.sessionTimeoutMs).toBe(30_000);
    expect(asked).toMatchObject([
      { sessionTimeout: 30_000, rebalanceTimeout: 60_000, maxBytes: 1_048_576, heartbeatInterval: 1_000 },
    ]);
  });
});
