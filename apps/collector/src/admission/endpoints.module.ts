import { Module } from '@nestjs/common';
import { ImportRoutes } from '../import/import.routes.js';
import { Importer } from '../import/importer.js';
import { IntakeModule } from '../intake/intake.module.js';
import { Replay } from '../replay/replay.js';
import { ReplayRoutes } from '../replay/replay.routes.js';
import { SourcesModule } from '../sources/sources.module.js';
import { WebhookRoutes } from '../webhook/webhook.routes.js';

/** The ways in beside the tracking API: webhooks, files, and what was rejected before. */
@Module({
  imports: [IntakeModule, SourcesModule],
  providers: [WebhookRoutes, Importer, ImportRoutes, Replay, ReplayRoutes],
})
export class EndpointsModule {}
