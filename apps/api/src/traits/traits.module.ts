import { Module } from '@nestjs/common';
import { AudiencesModule } from '../audiences/audiences.module.js';
import { ControlModule } from '../control/control.module.js';
import { TraitsController } from './traits.controller.js';
import { TraitsService } from './traits.service.js';

@Module({
  imports: [AudiencesModule, ControlModule],
  controllers: [TraitsController],
  providers: [TraitsService],
  exports: [TraitsService],
})
export class TraitsModule {}
