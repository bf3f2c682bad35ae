import { Inject, Module, type DynamicModule, type OnModuleDestroy, type Type } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import TypeBox from 'typebox';
import { HealthRegistry } from './health.js';
import type { RunningService } from './running-service.js';
import { startService } from './service.js';
import { readSettings } from './settings.js';
import { HEALTH } from './tokens.js';

let broken: string | undefined;

@Module({})
class ThingModule {
  constructor(@Inject(HEALTH) health: HealthRegistry) {
    health.add('thing', () => {
      if (broken) throw new Error(broken);
      return true;
    });
  }
}

let service: RunningService;

beforeAll(async () => {
  service = await start(ThingModule);
});

async function start(module: Type | DynamicModule): Promise<RunningService> {
  const settings = TypeBox.Object({});
  const read = readSettings(settings, {
    KAFKA_BROKERS: '127.0.0.1:1',
    CLICKHOUSE_URL: 'http://127.0.0.1:1',
    LOG_LEVEL: 'silent',
  });
  if (!read.ok) throw new Error(read.error.join('\n'));
  return startService(
    { name: 'thing', settings, module: () => module, listen: { port: () => 0 } },
    read.value,
  );
}

afterAll(async () => {
  await service.close();
});

describe('startService', () => {
  it('listens on a free port when the port is 0', () => {
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
  });

  it('is live and ready', async () => {
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${service.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: 'ok',
      error: {},
      info: { service: { status: 'up' }, thing: { status: 'up' } },
    });
  });

  it('is live but not ready while a check fails, and says which and why', async () => {
    broken = 'out of order';
    const ready = await fetch(`${service.url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      status: 'error',
      info: { service: { status: 'up' } },
      error: { thing: { status: 'down', message: 'out of order' } },
    });
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    broken = undefined;
  });

  it('answers in the form of all errors what comes while it closes', async () => {
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    class SlowToClose implements OnModuleDestroy {
      async onModuleDestroy(): Promise<void> {
        await held;
      }
    }
    const closing = await start({ module: SlowToClose });
    const closed = closing.close();
    const answer = await fetch(`${closing.url}/health/live`);
    release?.();
    await closed;
    expect([answer.status, answer.headers.get('connection')]).toEqual([503, 'close']);
    expect(await answer.json()).toMatchObject({ error: { code: 'shutting_down' } });
  });

  it('shows its metrics to Prometheus under its name', async () => {
    const shown = await fetch(`${service.url}/metrics`);
    expect(shown.headers.get('content-type')).toContain('text/plain');
    expect(await shown.text()).toContain('process_cpu_seconds_total{service="thing"}');
  });
});
