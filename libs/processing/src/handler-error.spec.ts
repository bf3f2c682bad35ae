import { Module } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsumerGroups, readSettings, startService, type RunningService } from '@tributary/service';
import { lastValueFrom, type Observable } from 'rxjs';
import Type from 'typebox';
import { batchConsumer } from './batch-consumer.js';

const GROUP = Symbol('group');
const HANDLER = Symbol('handler');
const cause = new Error('no such thing');
let initialised = 0;

class ThingHandler {
  onModuleInit(): void {
    initialised += 1;
  }

  handle(): Promise<void> {
    return Promise.reject(cause);
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

@Module({
  controllers: [batchConsumer(HANDLER, GROUP, ['things'])],
  providers: [{ provide: HANDLER, useClass: ThingHandler }],
})
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
