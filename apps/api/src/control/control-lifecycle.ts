import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ControlPlane, Database, type ControlTables } from '@tributary/control';
import { HEALTH, METRICS, type HealthRegistry } from '@tributary/service';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Starts what definitions need, and ends it. */
@Injectable()
export class ControlLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly plane: ControlPlane,
    private readonly database: Database<ControlTables>,
    @Inject(HEALTH) health: HealthRegistry,
    @Inject(METRICS) registry: Registry,
  ) {
    health.add(
      'database',
      async () => {
        if (!plane.isPrepared) return false;
        await database.ping();
        return true;
      },
      // What flows is read without it.
      { required: false },
    );
    new Gauge({
      name: 'tributary_control_relay',
      help: '1 where it is this process that brings definitions to the topics',
      registers: [registry],
      collect() {
        this.set(plane.relay.holds ? 1 : 0);
      },
    });
    new Gauge({
      name: 'tributary_control_outbox',
      help: 'Versions of definitions that the topics did not have when the relay of this process last looked',
      registers: [registry],
      collect() {
        this.set(plane.relay.pending);
      },
    });
    new Counter({
      name: 'tributary_control_refused_total',
      help: 'How often Kafka refused a definition for what it is, such as its size: services do not have it',
      registers: [registry],
      collect() {
        this.reset();
        this.inc(plane.relay.refused);
      },
    });
  }

  async onModuleInit(): Promise<void> {
    await this.plane.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.plane.stop();
    await this.database.close();
  }
}
