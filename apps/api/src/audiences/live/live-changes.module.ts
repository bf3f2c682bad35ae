import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../../clickhouse/clickhouse.module.js';
import { ControlModule } from '../../control/control.module.js';
import { AudiencesModule } from '../audiences.module.js';
import { ChangeStreamsService } from './change-streams.service.js';
import { KafkaLiveChanges } from './kafka.live-changes.js';
import { LiveChangesController } from './live-changes.controller.js';

@Module({
  imports: [ClickHouseModule, ControlModule, AudiencesModule],
  controllers: [LiveChangesController],
  providers: [KafkaLiveChanges, ChangeStreamsService],
})
export class LiveChangesModule {}
