import { Module } from '@nestjs/common';
import { Admission } from '../admission/admission.js';
import { ImportHandlers } from '../import/import.handlers.js';
import { Importer } from '../import/importer.js';
import { IntakeModule } from '../intake/intake.module.js';
import { Replay } from '../replay/replay.js';
import { ReplayHandlers } from '../replay/replay.handlers.js';
import { SourcesModule } from '../sources/sources.module.js';
import { WebhookHandlers } from '../webhook/webhook.handlers.js';
import { CollectorRoutes } from './collector.routes.js';
import { HttpMetrics } from './http.metrics.js';
import { TrackingHandlers } from './tracking.handlers.js';

/** The routes of the collector, and what stands before and behind them. */
export const ROUTE_PROVIDERS = [
  Admission,
  HttpMetrics,
  TrackingHandlers,
  WebhookHandlers,
  Importer,
  ImportHandlers,
  Replay,
  ReplayHandlers,
  CollectorRoutes,
] as const;

@Module({ imports: [IntakeModule, SourcesModule], providers: [...ROUTE_PROVIDERS] })
export class HttpModule {}
