import { Module } from '@nestjs/common';
import { ClickHouseModule, KafkaModule, SinksModule } from '@tributary/processing';
import { MembershipsModule } from './memberships/memberships.module.js';
import { SEGMENTATION_SCHEMA } from './tables/migrations.js';
import { SEGMENTATION_SINKS } from './tables/sinks.js';

@Module({
  imports: [
    KafkaModule.register({ clientId: 'segmentation' }),
    MembershipsModule,
    ClickHouseModule.register({ service: 'segmentation', schemas: [SEGMENTATION_SCHEMA] }),
    SinksModule.register({ groupId: 'segmentation-tables', sinks: SEGMENTATION_SINKS }),
  ],
})
export class AppModule {}
