import { Module } from '@nestjs/common';
import { ClickHouseModule, KafkaModule, SinksModule } from '@tributary/processing';
import { HttpModule } from './http/http.module.js';
import { COLLECTOR_SCHEMA } from './tables/migrations.js';
import { COLLECTOR_SINKS } from './tables/sinks.js';

@Module({
  imports: [
    // What is accepted while Kafka is away goes to the spool, and whether ClickHouse is there concerns only the tables.
    KafkaModule.register({ clientId: 'collector', required: false }),
    HttpModule,
    ClickHouseModule.register({ service: 'collector', schemas: [COLLECTOR_SCHEMA], required: false }),
    // The collector starts, works and ends while Kafka is away; its tables are late then.
    SinksModule.register({ groupId: 'collector-tables', sinks: COLLECTOR_SINKS, patienceMs: 3_000 }),
  ],
})
export class AppModule {}
