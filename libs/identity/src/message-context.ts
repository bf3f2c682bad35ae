import type { Identifier } from '@tributary/kernel';
import type { Eligibility, LinkFact, Message } from './messages.js';
import type { Seen } from './observations.js';
import type { ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';

/** Where a message lies in the log of the identifier that it is addressed to, and the version of the rules there. */
export interface Place {
  readonly offset: number;
  readonly rules: number;
  /** Whom the record is addressed to, in a generation; the first unless given. */
  readonly addressed?: Identifier;
  /** Whether a generation of another is known to be over, from a record before this one; none is unless given. */
  readonly isOver?: (id: Identifier) => boolean;
}

/** One identifier while the messages of a record are taken in. */
export interface MessageContext {
  readonly me: Identifier;
  readonly state: ResolverState;
  readonly offset: number;
  readonly rules: IdentityRules;
  /** Whether this generation of an identifier is known to be over. */
  readonly isOver: (id: Identifier) => boolean;
  /** Of the record, those that go from one to the next. */
  readonly passing: readonly Omit<Seen, 'to'>[];
  readonly out: Message[];
  /** What I say of my links that I did not say before. */
  readonly said: Eligibility[];
  /** Partners on whom I may have something else to say; undefined: on all. */
  affected: Set<Identifier> | undefined;
  /** Other ends of links of mine of which an eligibility changed. */
  readonly changed: Set<Identifier>;
  /** Something that the identifier waited for was answered. */
  isAnswered: boolean;
}

/** A link of mine that is another now; `isFirst` where both ends agree for the first time. */
export interface ChangedLink {
  readonly fact: LinkFact;
  readonly isFirst: boolean;
}
