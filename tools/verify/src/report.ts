/** What is recomputed and compared. */
export const SUBJECTS = ['events', 'identity', 'profiles', 'audiences'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** One place where what was streamed is not what the log says. */
export interface Difference {
  readonly subject: Subject;
  /** The identifier, the profile, or audience and profile, with their workspace. */
  readonly key: string;
  /** Where the wrong value was found: a topic, a table or a route. */
  readonly where: string;
  readonly expected: unknown;
  readonly found: unknown;
  /** The events behind it: `partition/offset messageId`, the latest ones. */
  readonly events: readonly string[];
}

/** Of a workspace, what identity was recomputed by. */
export interface AppliedRules {
  readonly workspaceId: string;
  /** The offset of the rules in their control topic; absent: the built-in ones. */
  readonly rulesVersion?: number;
  /** How many pairs are kept apart. */
  readonly splits: number;
}

/** What was compared, and what differed. */
export interface VerifyReport {
  /** Of workspaces with rules of their own or splits; all others have the built-in rules and no splits. */
  readonly applied: readonly AppliedRules[];
  /** How many of what were compared, by a name for people. */
  readonly compared: Readonly<Record<string, number>>;
  /** At most as many as were asked for; `differenceCount` has them all. */
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
  readonly elapsedMs: number;
}
