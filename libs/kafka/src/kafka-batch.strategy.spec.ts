import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, kafkaBrokers, uniqueName } from '@tributary/testing';
import { throwError } from 'rxjs';
import { KafkaConnection } from './connection.js';
import { KafkaBatchStrategy } from './kafka-batch.strategy.js';
import { newTopic, write } from '../test/logs.fixture.js';

const connection = new KafkaConnection({ brokers: kafkaBrokers(), clientId: uniqueName('strategy') });
const running: KafkaBatchStrategy[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((strategy) => strategy.close()));
});

/** What the end of the process is told of a handler whose stream ends with this, as Nest makes one of each that rejects. */
async function lastWordOver(thrown: unknown): Promise<{ topic: string; fatal: unknown[] }> {
  const topic = await newTopic(connection, 1);
  await write(connection, topic, 0, ['a']);
  const fatal: unknown[] = [];
  const strategy = new KafkaBatchStrategy({
    connection,
    groupId: uniqueName('strategy'),
    transportId: Symbol('group'),
    onFatal: (error) => fatal.push(error),
  });
  running.push(strategy);
  strategy.addHandler(topic, () => Promise.resolve(throwError(() => thrown)), true);
  strategy.listen((error) => {
    if (error !== undefined) fatal.push(error);
  });
  await eventually(() => fatal.length > 0);
  return { topic, fatal };
}

/** Starts and ends beside no broker; resolves with what the start was told, and how long each took. */
async function besideNobody(patienceMs: number | undefined) {
  const brokers = ['127.0.0.1:1'];
  const strategy = new KafkaBatchStrategy({
    connection: new KafkaConnection({ brokers, clientId: 'strategy', retries: 1 }),
    groupId: uniqueName('strategy'),
    transportId: Symbol('group'),
    onFatal: () => undefined,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
  strategy.addHandler('topic', () => Promise.resolve(), true);
  const began = performance.now();
  const told = await new Promise<unknown>((resolve) => {
    strategy.listen(resolve);
  });
  const started = performance.now();
  await strategy.close();
  return { told, startMs: started - began, endMs: performance.now() - started };
}

describe('KafkaBatchStrategy', () => {
  it('does not hold up the service for longer than its patience where there is no broker', async () => {
    const { told, startMs, endMs } = await besideNobody(300);
    expect(told).toBeUndefined();
    expect(startMs).toBeLessThan(5_000);
    expect(endMs).toBeLessThan(5_000);
  });

  it('fails the start of a service that has no patience and no broker', async () => {
    expect((await besideNobody(undefined)).told).toBeInstanceOf(Error);
  });

  it('ends the process with the error of the handler itself', async () => {
    const cause = new Error('no such thing');
    const { fatal } = await lastWordOver(cause);
    expect(fatal).toEqual([cause]);
    expect(fatal[0]).toBe(cause);
  });

  it('says where the error was, and what is missing, where a filter hides it', async () => {
    const { topic, fatal } = await lastWordOver({ status: 'error', message: 'Internal server error' });
    expect(fatal).toHaveLength(1);
    expect(String(fatal[0])).toContain(`the handler of ${topic} in group strategy_`);
    expect(String(fatal[0])).toContain('partition 0 from offset 0, and an exception filter shows only');
  });
});
