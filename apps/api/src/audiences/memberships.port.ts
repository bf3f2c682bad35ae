export const MEMBERSHIPS = Symbol('MEMBERSHIPS');

/** A profile in an audience. */
export interface Member {
  readonly profileId: string;
  /** When it became one, RFC 3339. */
  readonly since: string;
  readonly identifiers: readonly string[];
}

/** Who is in which audience, as the tables have it. */
export interface Memberships {
  /** How many members each audience has, by key; one that has none is absent. */
  sizes(workspaceId: string, keys: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** In the order of profile ids, those after `after`, at most `limit`. */
  members(workspaceId: string, key: string, after: string, limit: number): Promise<readonly Member[]>;
}
