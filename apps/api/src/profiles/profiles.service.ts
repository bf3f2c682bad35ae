import { Injectable } from '@nestjs/common';
import type { RulesDefinition } from '@tributary/identity';
import { failed, ok, profileIdOf, scopedKey, type Identifier, type Result } from '@tributary/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiFailure } from '../http/api.errors.js';
import { identifierHint, readIdentifier, writtenIdentifier } from '../identity/identifiers.js';
import { RulesService } from '../identity/rules/rules.service.js';
import { currentWorkspace } from '../workspaces/current-workspace.js';
import { ClickHouseProfiles } from './clickhouse.profiles.js';
import { mergedIntoOf, publishedAt, type HeldProfile } from './held-profile.js';
import { StateReads } from './state/state-reads.js';

type Source = HeldProfile['source'];

/** Merges are followed to where they end; what is late may name a few on the way, but never a circle for long. */
const MAX_HOPS = 16;
/** What an identifier said is on its way to its profile: so often is looked again, and so long waited between. */
const LOOKS = 8;
const LOOK_AGAIN_MS = 25;

function notFound(
  [sent, written]: readonly [Identifier, Identifier],
  rules: RulesDefinition,
  source: Source,
): ApiFailure {
  const as = sent === written ? '' : ` (sent as ${sent})`;
  const far = source === 'tables' ? ', as far as the tables have come' : '';
  const message = `No profile has the identifier ${written}${as}${far}.`;
  return { code: 'profile_not_found', message: message + identifierHint(sent, rules) };
}

/** Profiles as they are now, by the processors that hold them; while nobody answers for one, as the tables have it. */
@Injectable()
export class ProfilesService {
  constructor(
    private readonly states: StateReads,
    private readonly tables: ClickHouseProfiles,
    private readonly rules: RulesService,
  ) {}

  /** The profile of an id, or the one into which it was merged, however often. */
  async holding(profileId: string): Promise<Result<HeldProfile, ApiFailure>> {
    const profile = await this.#holding(profileId);
    return profile
      ? ok(profile)
      : failed({ code: 'profile_not_found', message: `There is no profile ${profileId}.` });
  }

  /** The profile of an identifier, written as events have it. One that was never assigned is a profile of its own. */
  async ofIdentifier(text: string): Promise<Result<HeldProfile, ApiFailure>> {
    const rules = await this.rules.forReading();
    const sent = readIdentifier(text, 'identifier');
    const written = writtenIdentifier(text, 'identifier', rules);
    if (!sent.ok) return sent;
    if (!written.ok) return written;
    const found = await this.#assigned(written.value);
    if (typeof found === 'object') return ok(found);
    // From before these rules there may be one that was written otherwise.
    const before = written.value === sent.value ? found : await this.#assigned(sent.value);
    if (typeof before === 'object') return ok(before);
    return failed(notFound([sent.value, written.value], rules, found));
  }

  async #holding(profileId: string): Promise<HeldProfile | undefined> {
    let id = profileId;
    for (let hop = 0; hop < MAX_HOPS; hop += 1) {
      const profile = await this.#one(id);
      const mergedInto = profile && mergedIntoOf(profile.json);
      if (mergedInto === undefined) return profile;
      id = mergedInto;
    }
    return undefined;
  }

  /** The profile, or where it was merged into. */
  async #one(profileId: string): Promise<HeldProfile | undefined> {
    const answer = await this.states.read('profiles', scopedKey(currentWorkspace(), profileId));
    if (answer?.state === 'found')
      return { profileId, json: answer.text, source: 'state', asOf: answer.asOf };
    if (answer) return undefined;
    const json = await this.tables.byId(profileId);
    return json === undefined ? undefined : { profileId, json, source: 'tables', asOf: publishedAt(json) };
  }

  /** The profile, or who says that there is none. */
  async #assigned(identifier: Identifier): Promise<HeldProfile | Source> {
    const key = scopedKey(currentWorkspace(), identifier);
    for (let look = 1; ; look += 1) {
      const answer = await this.states.read('fragments', key);
      if (answer?.state === 'unknown') return 'state';
      const assigned = answer ? answer.text : await this.tables.assigned(identifier);
      const profile = await this.#holding(assigned ?? profileIdOf(currentWorkspace(), identifier));
      if (profile) return profile;
      if (!answer) return 'tables';
      if (look === LOOKS) return 'state';
      await delay(LOOK_AGAIN_MS);
    }
  }
}
