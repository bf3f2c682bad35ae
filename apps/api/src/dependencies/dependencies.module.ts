import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { kafkaCheck, KafkaConnection } from '@tributary/kafka';
import { brokersOf, CONFIG, HEALTH, HealthRegistry } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ClickHouseReader } from '../clickhouse/clickhouse.reader.js';

/** The api is ready while it can read the tables and write definitions. */
@Module({ imports: [ClickHouseModule] })
export class DependenciesModule implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: ApiConfig,
    @Inject(HEALTH) private readonly health: HealthRegistry,
    private readonly clickHouse: ClickHouseReader,
  ) {}

  onModuleInit(): void {
    const connection = new KafkaConnection({ brokers: brokersOf(this.config), clientId: 'api' });
    this.health.add('kafka', kafkaCheck(connection));
    this.health.add('clickhouse', () => this.clickHouse.answers());
  }
}
