import { Inject, Injectable } from '@nestjs/common';
import { failed, ok, profileIdOf, type Identifier, type Result } from '@tributary/kernel';
import { CONFIG } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import type { ApiFailure } from '../http/api.errors.js';
import { readIdentifier, writtenIdentifier } from '../identity/identifiers.js';
import { RulesService } from '../identity/rules/rules.service.js';
import { PROFILES, type Profiles, type StoredProfile } from './profiles.port.js';

/** Merges are told straight to where they end; tables that are late may name a few on the way, but never a circle for long. */
const MAX_HOPS = 16;

@Injectable()
export class ProfilesService {
  constructor(
    @Inject(PROFILES) private readonly profiles: Profiles,
    @Inject(CONFIG) private readonly config: ApiConfig,
    private readonly rules: RulesService,
  ) {}

  /** The profile of an id, or the one into which it was merged, however often. */
  async holding(profileId: string): Promise<Result<StoredProfile, ApiFailure>> {
    let id = profileId;
    for (let hop = 0; hop < MAX_HOPS; hop += 1) {
      const profile = await this.profiles.byId(this.config.TRIBUTARY_WORKSPACE, id);
      if (!profile) break;
      if (profile.mergedInto === undefined) return ok(profile);
      id = profile.mergedInto;
    }
    return failed({ code: 'profile_not_found', message: 'Profile was not found.' });
  }

  /** The profile of an identifier, written as events have it. One that was never assigned is a profile of its own. */
  async ofIdentifier(text: string): Promise<Result<StoredProfile, ApiFailure>> {
    const sent = readIdentifier(text, 'identifier');
    const written = writtenIdentifier(text, 'identifier', this.rules.inForce());
    if (!sent.ok) return sent;
    if (!written.ok) return written;
    const found = await this.#assigned(written.value);
    // From before these rules there may be one that was written otherwise.
    return found.ok || written.value === sent.value ? found : this.#assigned(sent.value);
  }

  async #assigned(identifier: Identifier): Promise<Result<StoredProfile, ApiFailure>> {
    const { TRIBUTARY_WORKSPACE: workspace } = this.config;
    const assigned = await this.profiles.assigned(workspace, identifier);
    return this.holding(assigned ?? profileIdOf(workspace, identifier));
  }
}
