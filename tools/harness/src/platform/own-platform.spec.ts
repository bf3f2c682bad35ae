import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, kafkaBrokers } from '@tributary/testing';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ownEnvironment, ownFolder, startOwnPlatform } from './own-platform.js';

const COLLECTOR = {
  services: ['collector'],
  ...{ brokers: kafkaBrokers().join(','), clickhouseUrl: 'http://127.0.0.1:1' },
} as const;

const { KAFKA_BROKERS: before } = process.env;
afterEach(() => {
  process.env.KAFKA_BROKERS = before ?? '';
});

describe('startOwnPlatform', () => {
  it('has the services that are asked for, the ways to them, and a folder that goes with it', async () => {
    const stack = new AsyncDisposableStack();
    const platform = await startOwnPlatform(stack, COLLECTOR);
    const { dataDir, client } = platform;
    expect([...platform.processes().keys()]).toEqual(['collector']);
    expect((await fetch(`${client.address.collectorUrl}/health/ready`)).status).toBe(200);
    expect(() => client.address.apiUrl).toThrow('this platform was started without api');
    await platform.assertAllRun();
    platform.services.collector.kill('SIGKILL');
    await platform.services.collector.exited;
    await expect(platform.assertAllRun()).rejects.toThrow('collector has ended in the middle of it');
    await stack.disposeAsync();
    expect(existsSync(dataDir)).toBe(false);
  });

  it('is given up in the middle of its start when the stack is undone', async () => {
    const stack = new AsyncDisposableStack();
    const dataDir = ownFolder(stack);
    const starting = startOwnPlatform(stack, { ...COLLECTOR, dataDir });
    const isGivenUp = expect(starting).rejects.toThrow('aborted');
    await eventually(() => existsSync(join(dataDir, 'logs/collector.log')));
    await stack.disposeAsync();
    await isGivenUp;
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('ownEnvironment', () => {
  it('names no server of another platform', () => {
    process.env.KAFKA_BROKERS = 'elsewhere:9092';
    expect(ownEnvironment()).toMatchObject({ PATH: process.env.PATH });
    expect(ownEnvironment()).not.toHaveProperty('KAFKA_BROKERS');
  });
});
