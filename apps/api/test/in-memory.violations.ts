import type { ViolationGroup, Violations } from '../src/sources/violations.port.js';

/** For tests of what is above the tables. */
export class InMemoryViolations implements Violations {
  readonly bySource = new Map<string, readonly ViolationGroup[]>();

  async of(_workspaceId: string, sourceId: string, since: number, limit: number) {
    const groups = this.bySource.get(sourceId) ?? [];
    return Promise.resolve(groups.filter((g) => Date.parse(g.lastSeenAt) >= since).slice(0, limit));
  }
}
