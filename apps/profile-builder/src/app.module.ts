import { Module } from '@nestjs/common';
import { IDENTITY_ASSIGNMENTS_SCHEMA } from '@tributary/clickhouse';
import { ClickHouseModule, KafkaModule, SinksModule } from '@tributary/processing';
import { FragmentsModule } from './fragments/fragments.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { ReadsModule } from './reads/reads.module.js';
import { PROFILE_BUILDER_SCHEMA } from './tables/migrations.js';
import { PROFILE_BUILDER_SINKS } from './tables/sinks.js';

@Module({
  imports: [
    KafkaModule.register({ clientId: 'profile-builder' }),
    FragmentsModule,
    ProfilesModule,
    ReadsModule,
    ClickHouseModule.register({
      service: 'profile-builder',
      schemas: [IDENTITY_ASSIGNMENTS_SCHEMA, PROFILE_BUILDER_SCHEMA],
    }),
    SinksModule.register({ groupId: 'profile-builder-tables', sinks: PROFILE_BUILDER_SINKS }),
  ],
})
export class AppModule {}
