import { Module } from '@nestjs/common';
import { AudiencesModule } from '../audiences/audiences.module.js';
import { ControlModule } from '../control/control.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { SourcesModule } from '../sources/sources.module.js';
import { AudiencesSection } from './audiences.section.js';
import { DefinitionsController } from './definitions.controller.js';
import { DefinitionsService } from './definitions.service.js';
import { RulesSection } from './rules.section.js';
import { SourcesSection } from './sources.section.js';
import { SplitsSection } from './splits.section.js';
import { TraitsSection } from './traits.section.js';
import { TraitRulesModule } from '../trait-rules/trait-rules.module.js';
import { TraitRulesSection } from './trait-rules.section.js';
import { TraitsModule } from '../traits/traits.module.js';

/** All definitions at once, so that they can live in a repository. */
@Module({
  imports: [ControlModule, SourcesModule, AudiencesModule, TraitsModule, TraitRulesModule, IdentityModule],
  controllers: [DefinitionsController],
  providers: [
    DefinitionsService,
    RulesSection,
    SourcesSection,
    AudiencesSection,
    TraitsSection,
    TraitRulesSection,
    SplitsSection,
  ],
})
export class DefinitionsModule {}
