import type { Profiles, StoredProfile } from '../src/profiles/profiles.port.js';

/** For tests of what is above the tables. */
export class InMemoryProfiles implements Profiles {
  constructor(
    readonly profiles: readonly StoredProfile[],
    readonly assignments: Readonly<Record<string, string>>,
  ) {}

  async byId(_workspaceId: string, profileId: string) {
    return Promise.resolve(this.profiles.find((profile) => profile.profileId === profileId));
  }

  async assigned(_workspaceId: string, identifier: string) {
    return Promise.resolve(this.assignments[identifier]);
  }
}
