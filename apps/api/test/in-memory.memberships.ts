import type { Member, Memberships } from '../src/audiences/memberships.port.js';

/** For tests of what is above the tables. */
export class InMemoryMemberships implements Memberships {
  constructor(readonly byAudience: ReadonlyMap<string, readonly Member[]>) {}

  async sizes(_workspaceId: string, keys: readonly string[]) {
    return Promise.resolve(new Map(keys.map((key) => [key, this.byAudience.get(key)?.length ?? 0])));
  }

  async members(_workspaceId: string, key: string, after: string, limit: number) {
    const members = this.byAudience.get(key) ?? [];
    return Promise.resolve(members.filter(({ profileId }) => profileId > after).slice(0, limit));
  }
}
