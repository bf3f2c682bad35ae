import type { Identifier } from '@tributary/kernel';

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
