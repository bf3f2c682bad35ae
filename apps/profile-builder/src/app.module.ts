import { Module } from '@nestjs/common';
import { IDENTITY_ASSIGNMENTS_SCHEMA } from '@tributary/clickhouse';
import { ClickHouseModule, KafkaModule, SinksModule } from '@tributary/processing';
import { AccountsModule } from './accounts/accounts.module.js';
import { BackFillModule } from './back-fill/back-fill.module.js';
import { FragmentsModule } from './fragments/fragments.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { ReadsModule } from './reads/reads.module.js';
import { PROFILE_BUILDER_SCHEMA } from './tables/migrations.js';
import { PROFILE_BUILDER_SINKS, TABLES_GROUP } from './tables/sinks.js';

@Module({
  imports: [
    KafkaModule.register({ clientId: 'profile-builder' }),
    BackFillModule,
    FragmentsModule,
    ProfilesModule,
    AccountsModule,
    ReadsModule,
    ClickHouseModule.register({
      service: 'profile-builder',
      schemas: [IDENTITY_ASSIGNMENTS_SCHEMA, PROFILE_BUILDER_SCHEMA],
    }),
    SinksModule.register({ groupId: TABLES_GROUP, sinks: PROFILE_BUILDER_SINKS }),
  ],
})
export class AppModule {}
