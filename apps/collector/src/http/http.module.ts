import { Module } from '@nestjs/common';
import { IntakeModule } from '../intake/intake.module.js';
import { TrackingRoutes } from './tracking.routes.js';

@Module({ imports: [IntakeModule], providers: [TrackingRoutes] })
export class HttpModule {}
