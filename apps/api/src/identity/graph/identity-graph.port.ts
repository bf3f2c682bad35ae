import type { Identifier } from '@tributary/kernel';

export const IDENTITY_GRAPH = Symbol('IDENTITY_GRAPH');

/** Where an identifier belongs, since when, and what put it there. Times are milliseconds since 1970. */
export interface Stay {
  readonly identifier: Identifier;
  readonly profileId: string;
  readonly since: number;
  readonly reason: string;
}

/** What one end of a link says of it. */
export interface EndEligibility {
  readonly identifier: Identifier;
  /** When the end itself was first seen. */
  readonly firstSeen: number;
  /** Why it does not join through the link; empty where it may, undefined where it has said nothing yet. */
  readonly refusal: string | undefined;
}

export interface StoredLink {
  readonly ends: readonly [EndEligibility, EndEligibility];
  readonly firstSeen: number;
}

/** An event, as far as it shows where it came from. */
export interface BearingEvent {
  readonly sourceId: string;
  readonly messageId: string;
  readonly type: string;
  /** Empty where the call has none. */
  readonly event: string;
  readonly receivedAt: number;
}

/** How many others of a namespace an identifier has met. */
export interface PartnerCount {
  readonly identifier: Identifier;
  readonly namespace: string;
  readonly partners: number;
}

/** Two identifiers; whose order is that of {@link StoredLink.ends}. */
export type Ends = readonly [Identifier, Identifier];

/** Identifiers, their links and their events, as the tables of the workspace have them. */
export interface IdentityGraph {
  /** Those that were ever assigned; others are profiles of their own. */
  stays(identifiers: readonly Identifier[]): Promise<readonly Stay[]>;
  /** The identifiers that are in a profile by their assignment, in the order of their texts. */
  assignedTo(profileId: string, limit: number): Promise<readonly Identifier[]>;
  /** The links of which an end is one of them: those between two of them first, then the earliest. */
  linksOf(identifiers: readonly Identifier[], limit: number): Promise<readonly StoredLink[]>;
  /** The same, of those that both ends agree to. */
  eligibleLinksOf(identifiers: readonly Identifier[], limit: number): Promise<readonly StoredLink[]>;
  partnersOf(identifiers: readonly Identifier[]): Promise<readonly PartnerCount[]>;
  /** When an identifier was first seen on an event of its own; undefined where there is none. */
  firstEventOf(identifier: Identifier): Promise<number | undefined>;
  /** For pairs, the earliest event that bore both; looked for among the events whose primary identifier is given. */
  firstEvents(
    pairs: readonly Ends[],
    among: readonly Identifier[],
  ): Promise<readonly { readonly ends: Ends; readonly event: BearingEvent }[]>;
}
