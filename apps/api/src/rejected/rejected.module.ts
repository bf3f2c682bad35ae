import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ClickHouseRejectedEvents } from './clickhouse.rejected-events.js';
import { HttpReplayer } from './http.replayer.js';
import { RejectedController } from './rejected.controller.js';
import { RejectedService } from './rejected.service.js';

@Module({
  imports: [AccessModule, ClickHouseModule],
  controllers: [RejectedController],
  providers: [RejectedService, ClickHouseRejectedEvents, HttpReplayer],
})
export class RejectedModule {}
