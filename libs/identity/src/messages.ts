import type { Identifier } from '@tributary/kernel';
import type { EndRefusal } from './eligibility.js';
import type { AgeOrder, Link, Pair } from './link.js';
import type { Observation } from './observations.js';

/** A link with the version that its owner gave it: an offset in the owner's log. */
export interface LinkFact extends Link {
  readonly version: number;
}

/** Two identifiers to be kept apart, or no longer; the version is an offset of the log of splits. */
export interface SplitFact {
  readonly pair: Pair;
  readonly apart: boolean;
  readonly version: number;
}

/** One end's own view of its link with `other`; the version is an offset in the end's log. */
export interface Eligibility {
  readonly end: Identifier;
  readonly other: Identifier;
  /** Absent where the end may join through the link. */
  readonly refusal?: EndRefusal;
  readonly firstSeen: number;
  readonly endFirstSeen: number;
  readonly version: number;
}

/** Why an identifier belongs where it does: the latest thing that made its leader think again. */
export type AnswerReason = 'linked' | 'alone' | 'split' | 'rules' | 'beyond_bound';

/**
 * What identifiers say to one another. Each message changes the state of `to` alone; those that one record brings are
 * taken in together, as of its one offset.
 */
export type Message =
  | Observation
  | ({ readonly kind: 'eligibility'; readonly to: Identifier } & Eligibility)
  | { readonly kind: 'union'; readonly to: Identifier; readonly other: Identifier }
  | {
      readonly kind: 'facts';
      readonly to: Identifier;
      readonly from: Identifier;
      readonly facts: readonly LinkFact[];
      readonly splits?: readonly SplitFact[];
      /** Where the facts of the one who hands over end: what does not come before it is left out. */
      readonly edge?: AgeOrder;
      /** More of this hand-over follows: the leader says nothing before its last part. */
      readonly open: boolean;
      /** Nothing else follows of whom they join: the leader need not wait for company. */
      readonly whole?: true;
    }
  | { readonly kind: 'settled'; readonly to: Identifier; readonly partner: Identifier }
  | {
      readonly kind: 'answer';
      readonly to: Identifier;
      readonly leader: Identifier;
      readonly at: number;
      readonly first: Identifier;
      readonly reason: AnswerReason;
      readonly answered: readonly Identifier[];
    }
  /** `to` is to be kept apart from `other`, or no longer. */
  | {
      readonly kind: 'split';
      readonly to: Identifier;
      readonly other: Identifier;
      readonly apart: boolean;
      readonly version: number;
    }
  /** What was received of the identifier `to` up to an instant, in milliseconds since 1970, is forgotten. */
  | { readonly kind: 'erased'; readonly to: Identifier; readonly until: number }
  /**
   * This generation of a partner of `to` is over; `joined` where its end of the link knows that it was once eligible, `erased`
   * where what was received of the partner is forgotten.
   */
  | {
      readonly kind: 'parted';
      readonly to: Identifier;
      readonly gone: Identifier;
      readonly joined?: true;
      readonly erased?: true;
    }
  /** From `to` itself, some time after it heard something new as a leader: it answers now. */
  | { readonly kind: 'resolve'; readonly to: Identifier }
  /** The rules are others than those that `to` was decided by. */
  | { readonly kind: 'review'; readonly to: Identifier };

/** A message as whom it is addressed to takes it in. */
export type Received = Message extends infer M ? (M extends Message ? Omit<M, 'to'> : never) : never;
