import { Module } from '@nestjs/common';
import type { IdentityRulesMessage } from '@tributary/contracts';
import { profileIdOf } from '@tributary/kernel';
import { AUDIENCE_CATALOG } from '../src/audiences/audience-catalog.port.js';
import { AudiencesController } from '../src/audiences/audiences.controller.js';
import { AudiencesService } from '../src/audiences/audiences.service.js';
import { InMemoryAudienceCatalog } from './in-memory.audience-catalog.js';
import { InMemoryMemberships } from './in-memory.memberships.js';
import { MEMBERSHIPS } from '../src/audiences/memberships.port.js';
import { InMemoryControlRecords } from './in-memory.control-records.js';
import { DocumentsModule } from '../src/documents/documents.module.js';
import { HttpModule } from '../src/http/http.module.js';
import { RULES_CATALOG } from '../src/identity/rules/rules-catalog.port.js';
import { RulesService } from '../src/identity/rules/rules.service.js';
import { InMemoryProfiles } from './in-memory.profiles.js';
import { ProfilesController } from '../src/profiles/profiles.controller.js';
import { PROFILES } from '../src/profiles/profiles.port.js';
import { ProfilesService } from '../src/profiles/profiles.service.js';

export const ANN = profileIdOf('default', 'user_id:ann');
export const BOB = profileIdOf('default', 'user_id:bob');
export const PHONE = profileIdOf('default', 'anonymous_id:phone');
export const catalog = new InMemoryAudienceCatalog();
export const memberIds = [ANN, BOB, PHONE].sort();
export const memberships = new InMemoryMemberships(
  new Map([
    [
      'buyers',
      memberIds.map((profileId) => ({ profileId, since: '2026-01-02T03:04:05.678Z', identifiers: [] })),
    ],
  ]),
);
const profiles = new InMemoryProfiles(
  [
    {
      profileId: ANN,
      mergedInto: undefined,
      json: JSON.stringify({ profileId: ANN, traits: { name: 'Ann' } }),
    },
    { profileId: BOB, mergedInto: ANN, json: '{}' },
    { profileId: PHONE, mergedInto: BOB, json: '{}' },
  ],
  { 'email:ann@example.com': ANN },
);

/** An api whose profiles, members and definitions are in memory: Ann, and two that were merged into her. */
@Module({
  imports: [HttpModule, DocumentsModule],
  controllers: [AudiencesController, ProfilesController],
  providers: [
    AudiencesService,
    ProfilesService,
    RulesService,
    { provide: RULES_CATALOG, useValue: new InMemoryControlRecords<IdentityRulesMessage>() },
    { provide: AUDIENCE_CATALOG, useValue: catalog },
    { provide: MEMBERSHIPS, useValue: memberships },
    { provide: PROFILES, useValue: profiles },
  ],
})
export class InMemoryApiModule {}
