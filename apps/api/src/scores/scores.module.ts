import { Module } from '@nestjs/common';
import { ControlModule } from '../control/control.module.js';
import { BordersService } from './borders.service.js';
import { DefaultTraitsService } from './default-traits.service.js';
import { patientReader } from './patient-reader.js';

/** What the platform does by itself with computed traits: the borders of scores, and traits by default. */
@Module({
  imports: [ControlModule],
  providers: [BordersService, DefaultTraitsService, patientReader],
})
export class ScoresModule {}
