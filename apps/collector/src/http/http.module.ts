import { Module } from '@nestjs/common';
import { IntakeModule } from '../intake/intake.module.js';
import { SourcesModule } from '../sources/sources.module.js';
import { HttpMetrics } from './http.metrics.js';
import { RouteHandlers } from './route-handlers.js';
import { TrackingRoutes } from './tracking.routes.js';

@Module({ imports: [IntakeModule, SourcesModule], providers: [TrackingRoutes, RouteHandlers, HttpMetrics] })
export class HttpModule {}
