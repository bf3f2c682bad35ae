import { Module } from '@nestjs/common';
import { IDENTITY_ASSIGNMENTS_SCHEMA } from '@tributary/clickhouse';
import { ClickHouseModule, KafkaModule, SinksModule } from '@tributary/processing';
import { ObservationsModule } from './observations/observations.module.js';
import { ResolverModule } from './resolver/resolver.module.js';
import { IDENTITY_SCHEMA } from './tables/migrations.js';
import { IDENTITY_SINKS } from './tables/sinks.js';

@Module({
  imports: [
    KafkaModule.register({ clientId: 'identity' }),
    ObservationsModule,
    ResolverModule,
    ClickHouseModule.register({
      service: 'identity',
      schemas: [IDENTITY_ASSIGNMENTS_SCHEMA, IDENTITY_SCHEMA],
    }),
    SinksModule.register({ groupId: 'identity-tables', sinks: IDENTITY_SINKS }),
  ],
})
export class AppModule {}
