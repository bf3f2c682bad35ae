import { Module } from '@nestjs/common';
import { AudienceReadsModule } from './audiences/reads/audience-reads.module.js';
import { LiveChangesModule } from './audiences/live/live-changes.module.js';
import { AudiencesModule } from './audiences/audiences.module.js';
import { DefinitionsModule } from './definitions/definitions.module.js';
import { DocumentsModule } from './documents/documents.module.js';
import { ExportsModule } from './exports/exports.module.js';
import { HttpModule } from './http/http.module.js';
import { IdentityModule } from './identity/identity.module.js';
import { PrivacyModule } from './privacy/privacy.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { RejectedModule } from './rejected/rejected.module.js';
import { ScoresModule } from './scores/scores.module.js';
import { SourcesModule } from './sources/sources.module.js';
import { TraitRulesModule } from './trait-rules/trait-rules.module.js';
import { TraitsModule } from './traits/traits.module.js';
import { WorkspacesModule } from './workspaces/workspaces.module.js';

@Module({
  imports: [
    HttpModule,
    ProfilesModule,
    IdentityModule,
    AudiencesModule,
    AudienceReadsModule,
    LiveChangesModule,
    TraitsModule,
    TraitRulesModule,
    ScoresModule,
    SourcesModule,
    RejectedModule,
    ExportsModule,
    DefinitionsModule,
    WorkspacesModule,
    PrivacyModule,
    DocumentsModule,
  ],
})
export class AppModule {}
