import type { Identifier } from '@tributary/kernel';
import type { LinkFact } from './messages.js';

/** One end's verdict as its link's owner holds it. */
export interface HeldVerdict {
  readonly eligible: boolean;
  readonly firstSeen: number;
  readonly endFirstSeen: number;
  readonly version: number;
}

/** Where an identifier belongs, as it was last told to the world. */
export interface Assignment {
  readonly profileId: string;
  readonly version: number;
  readonly reason: string;
  readonly formerly: readonly string[];
  readonly resolvedThrough: number;
}

/** What one identifier's owner keeps: plain JSON, changed in place by the resolver alone. */
export interface ResolverState {
  /** Over all its events; null before the first. */
  firstSeen: number | null;
  /** My side of my links: partner → first seen. A hub keeps no more than made it one. */
  partners: Record<string, number>;
  isHub: boolean;
  /** What I last said of each partner. */
  told: Record<
    string,
    { readonly eligible: boolean; readonly firstSeen: number; readonly endFirstSeen: number }
  >;
  /** Partner → offset of the event that brought it, where no answer has come yet. */
  pending: Record<string, number>;
  /** The latest offset of my own events that brought a new partner. */
  through: number;
  /** Links that I own, for I am their greater end: other end → both verdicts. */
  links: Record<string, { mine?: HeldVerdict; theirs?: HeldVerdict; wasEligible?: boolean }>;
  /** Rem's union-find: me while I am a root. */
  parent: Identifier;
  /** As a root: the facts of my component by pair, the hand-overs under way, what I answered, what is new since. */
  facts: Record<string, LinkFact>;
  open: Identifier[];
  answered: Record<string, Identifier>;
  fresh: string[];
  /** The answer that I heed. */
  answer?: {
    readonly root: Identifier;
    readonly at: number;
    readonly first: Identifier;
    readonly reason: string;
  };
  assignment?: Assignment;
}

/** An identifier of which nothing is known: alone, its own root. */
export function newResolverState(me: Identifier): ResolverState {
  return {
    firstSeen: null,
    partners: {},
    isHub: false,
    told: {},
    pending: {},
    through: -1,
    links: {},
    parent: me,
    facts: {},
    open: [],
    answered: {},
    fresh: [],
  };
}
