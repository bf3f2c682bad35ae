import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { ClickHouseProfiles } from './clickhouse.profiles.js';
import { ProfilesController } from './profiles.controller.js';
import { ProfilesService } from './profiles.service.js';
import { StateReads } from './state/state-reads.js';

@Module({
  imports: [ClickHouseModule, IdentityModule],
  controllers: [ProfilesController],
  providers: [ProfilesService, ClickHouseProfiles, StateReads],
})
export class ProfilesModule {}
