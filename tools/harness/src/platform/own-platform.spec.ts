import { afterEach, describe, expect, it } from '@jest/globals';
import { kafkaBrokers } from '@tributary/testing';
import { existsSync } from 'node:fs';
import { ownEnvironment, startOwnPlatform } from './own-platform.js';

const { KAFKA_BROKERS: before } = process.env;
afterEach(() => {
  process.env.KAFKA_BROKERS = before ?? '';
});

describe('startOwnPlatform', () => {
  it('has the services that are asked for, the ways to them, and a folder that goes with it', async () => {
    const stack = new AsyncDisposableStack();
    const platform = await startOwnPlatform(stack, {
      services: ['collector'],
      ...{ brokers: kafkaBrokers().join(','), clickhouseUrl: 'http://127.0.0.1:1' },
    });
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
    const waits = Promise.withResolvers<string>();
    const starting = startOwnPlatform(stack, {
      services: ['identity'],
      ...{ brokers: '127.0.0.1:1', clickhouseUrl: 'http://127.0.0.1:1', say: waits.resolve },
    });
    const ended = expect(starting).rejects.toThrow('aborted');
    expect(await waits.promise).toContain('identity is not ready yet');
    await stack.disposeAsync();
    await ended;
  });
});

describe('ownEnvironment', () => {
  it('names no server of another platform', () => {
    process.env.KAFKA_BROKERS = 'elsewhere:9092';
    expect(ownEnvironment()).toMatchObject({ PATH: process.env.PATH });
    expect(ownEnvironment()).not.toHaveProperty('KAFKA_BROKERS');
  });
});
