import { Inject, Injectable } from '@nestjs/common';
import type { RulesDefinition } from '@tributary/identity';
import { failed, ok, profileIdOf, type Identifier, type Result } from '@tributary/kernel';
import { CONFIG } from '@tributary/service';
import type { ApiConfig } from '../api.config.js';
import type { ApiFailure } from '../http/api.errors.js';
import { identifierHint, readIdentifier, writtenIdentifier } from '../identity/identifiers.js';
import { RulesService } from '../identity/rules/rules.service.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { ClickHouseProfiles, type StoredProfile } from './clickhouse.profiles.js';

/** Merges are followed to where they end; tables that are late may name a few on the way, but never a circle for long. */
const MAX_HOPS = 16;

function notFound(sent: Identifier, written: Identifier, rules: RulesDefinition): ApiFailure {
  const as = sent === written ? '' : ` (sent as ${sent})`;
  const message = `No profile has the identifier ${written}${as}, as far as the tables have come.`;
  return { code: 'profile_not_found', message: message + identifierHint(sent, rules) };
}

@Injectable()
export class ProfilesService {
  constructor(
    private readonly profiles: ClickHouseProfiles,
    @Inject(CONFIG) private readonly config: ApiConfig,
    private readonly rules: RulesService,
  ) {}

  /** The profile of an id, or the one into which it was merged, however often. */
  async holding(profileId: string): Promise<Result<StoredProfile, ApiFailure>> {
    let id = profileId;
    for (let hop = 0; hop < MAX_HOPS; hop += 1) {
      const profile = await this.profiles.byId(id);
      if (!profile) break;
      if (profile.mergedInto === undefined) return ok(profile);
      id = profile.mergedInto;
    }
    return failed({ code: 'profile_not_found', message: `There is no profile ${profileId}.` });
  }

  /** The profile of an identifier, written as events have it. One that was never assigned is a profile of its own. */
  async ofIdentifier(text: string): Promise<Result<StoredProfile, ApiFailure>> {
    const rules = await this.rules.forReading();
    const sent = readIdentifier(text, 'identifier');
    const written = writtenIdentifier(text, 'identifier', rules);
    if (!sent.ok) return sent;
    if (!written.ok) return written;
    const found = await this.#assigned(written.value);
    if (found.ok) return found;
    // From before these rules there may be one that was written otherwise.
    const before = written.value === sent.value ? found : await this.#assigned(sent.value);
    return before.ok ? before : failed(notFound(sent.value, written.value, rules));
  }

  async #assigned(identifier: Identifier): Promise<Result<StoredProfile, ApiFailure>> {
    const assigned = await this.profiles.assigned(identifier);
    return this.holding(assigned ?? profileIdOf(currentWorkspace(), identifier));
  }
}
