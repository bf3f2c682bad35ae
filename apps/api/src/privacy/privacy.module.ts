import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ControlModule } from '../control/control.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { ErasureLog } from './erasure-log.js';
import { ErasureSteps } from './erasure-steps.js';
import { People } from './person.js';
import { PersonExport } from './person-export.js';
import { PrivacyController } from './privacy.controller.js';
import { PrivacyRequestsService } from './privacy-requests.service.js';
import { PrivacyWorker } from './privacy-worker.js';
import { RequestSteps } from './request-steps.js';
import { RequestsStore } from './requests.store.js';
import { RowErasure } from './row-erasure.js';
import { SuppressionsService } from './suppressions.service.js';

/** Forgetting, suppressing and exporting people. */
@Module({
  imports: [AccessModule, ClickHouseModule, ControlModule, IdentityModule],
  controllers: [PrivacyController],
  providers: [
    ErasureLog,
    ErasureSteps,
    People,
    PersonExport,
    PrivacyRequestsService,
    PrivacyWorker,
    RequestSteps,
    RequestsStore,
    RowErasure,
    SuppressionsService,
  ],
})
export class PrivacyModule {}
