import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { AccountsService } from './accounts/accounts.service.js';
import { ClickHouseAccounts } from './accounts/clickhouse.accounts.js';
import { ClickHouseProfiles } from './clickhouse.profiles.js';
import { ClickHouseTimeline } from './clickhouse.timeline.js';
import { ProfileBatches } from './profile-batches.js';
import { ProfilesController } from './profiles.controller.js';
import { ProfilesService } from './profiles.service.js';
import { SegmentAccountsService } from './segment/segment-accounts.service.js';
import { SegmentController } from './segment/segment.controller.js';
import { SegmentService } from './segment/segment.service.js';
import { StateReads } from './state/state-reads.js';
import { TimelineService } from './timeline.service.js';

@Module({
  imports: [ClickHouseModule, IdentityModule],
  controllers: [ProfilesController, AccountsController, SegmentController],
  providers: [
    ProfilesService,
    ProfileBatches,
    TimelineService,
    SegmentService,
    SegmentAccountsService,
    AccountsService,
    StateReads,
    ClickHouseProfiles,
    ClickHouseTimeline,
    ClickHouseAccounts,
  ],
})
export class ProfilesModule {}
