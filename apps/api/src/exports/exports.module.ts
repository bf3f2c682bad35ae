import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../clickhouse/clickhouse.module.js';
import { ClickHouseProfileExport } from './clickhouse.profile-export.js';
import { ExportsController } from './exports.controller.js';

@Module({
  imports: [ClickHouseModule],
  controllers: [ExportsController],
  providers: [ClickHouseProfileExport],
})
export class ExportsModule {}
