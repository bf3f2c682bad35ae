import { Controller, Module } from '@nestjs/common';
import { EventPattern, Payload, Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lastValueFrom, type Observable } from 'rxjs';
import Type from 'typebox';
import { ConsumerGroups } from './consumer-groups.js';
import type { RunningService } from './running-service.js';
import { startService } from './service.js';
import { readSettings } from './settings.js';

const GROUP = Symbol('group');
const cause = new Error('no such thing');
let initialised = 0;

@Controller()
class ThingConsumer {
  onModuleInit(): void {
    initialised += 1;
  }

  @EventPattern('things', GROUP)
  handle(@Payload() things: readonly object[]): Promise<void> {
    return things.length > 0 ? Promise.reject(cause) : Promise.resolve();
  }
}

/** Calls handlers when the spec wants it. */
class ByHandStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = GROUP;

  listen(callback: () => void): void {
    callback();
  }

  close(): void {
    this.messageHandlers.clear();
  }

  on(): never {
    throw new Error('no events');
  }

  unwrap(): never {
    throw new Error('nothing inside');
  }

  async call(pattern: string): Promise<unknown> {
    const result: unknown = await this.getHandlerByPattern(pattern)?.([{}]);
    return lastValueFrom(result as Observable<unknown>);
  }
}

const strategy = new ByHandStrategy();

@Module({ controllers: [ThingConsumer] })
class ThingModule {
  constructor(groups: ConsumerGroups) {
    groups.add(strategy);
  }
}

let service: RunningService;

beforeAll(async () => {
  const settings = Type.Object({});
  const read = readSettings(settings, {
    KAFKA_BROKERS: '127.0.0.1:1',
    CLICKHOUSE_URL: 'http://127.0.0.1:1',
    LOG_LEVEL: 'silent',
  });
  if (!read.ok) throw new Error(read.error.join('\n'));
  service = await startService(
    {
      name: 'thing',
      settings,
      module: () => ThingModule,
      listen: { port: () => 0 },
    },
    read.value,
  );
});

afterAll(async () => {
  await service.close();
});

describe('a handler that rejects', () => {
  it('rejects with its own error for the strategy that called it', async () => {
    await expect(strategy.call('things')).rejects.toBe(cause);
  });

  it('is of a module that was initialised once', () => {
    expect(initialised).toBe(1);
  });
});
