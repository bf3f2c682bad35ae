import { Module } from '@nestjs/common';
import { AudiencesModule } from '../audiences/audiences.module.js';
import { ControlModule } from '../control/control.module.js';
import { TraitRulesController } from './trait-rules.controller.js';
import { TraitRulesService } from './trait-rules.service.js';

@Module({
  imports: [AudiencesModule, ControlModule],
  controllers: [TraitRulesController],
  providers: [TraitRulesService],
  exports: [TraitRulesService],
})
export class TraitRulesModule {}
