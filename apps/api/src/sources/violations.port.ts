export const VIOLATIONS = Symbol('VIOLATIONS');

/** Calls that differed from a source's plan in the same way. */
export interface ViolationGroup {
  readonly type: string;
  readonly event: string;
  readonly field: string;
  readonly code: string;
  readonly message: string;
  readonly outcome: 'allowed' | 'dropped' | 'rejected';
  readonly count: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** How the calls of a source differed from its plan, as the tables have it. */
export interface Violations {
  /** Of calls received since then, in milliseconds since 1970; the most frequent first, at most `limit`. */
  of(workspaceId: string, sourceId: string, since: number, limit: number): Promise<readonly ViolationGroup[]>;
}
