export const PROFILES = Symbol('PROFILES');

/** A profile as the tables have it. */
export interface StoredProfile {
  readonly profileId: string;
  /** The profile that holds it now; undefined while it stands for itself. */
  readonly mergedInto: string | undefined;
  /** As in `profiles.v1`: JSON. */
  readonly json: string;
}

/** The current profiles. */
export interface Profiles {
  byId(workspaceId: string, profileId: string): Promise<StoredProfile | undefined>;
  /** The profile to which an identifier is assigned; undefined where it never was. */
  assigned(workspaceId: string, identifier: string): Promise<string | undefined>;
}
