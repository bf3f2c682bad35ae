import { baseOf, inGeneration, type Identifier } from '@tributary/kernel';
import type { EndRefusal } from './eligibility.js';
import type { AgeOrder } from './link.js';
import type { AnswerReason, Eligibility, SplitFact } from './messages.js';

/** One end's eligibility on a link, short because there may be many: first seen, the end first seen, version, refusal. */
export type HeldEligibility = readonly [number, number, number, EndRefusal?];

export function held({ refusal, firstSeen, endFirstSeen, version }: Eligibility): HeldEligibility {
  return refusal === undefined
    ? [firstSeen, endFirstSeen, version]
    : [firstSeen, endFirstSeen, version, refusal];
}

/** What an identifier's owner knows of one that occurred beside it. */
export interface Partner {
  /** First seen of the link; absent where only the other end has spoken of it yet. */
  at?: number;
  /** The eligibility that I last sent on the link. */
  said?: HeldEligibility;
  /** Where I own the link, for I am its greater end: what the other end said, and whether both ever agreed. */
  theirs?: HeldEligibility;
  wasEligible?: boolean;
}

/** A link's fact as a leader keeps it, short because there may be many: eligible, first seen, of both ends, version. */
export type ComponentLink = readonly [0 | 1, number, number, number, number];

/**
 * What a leader keeps of its component. A pair is the places of its ends in `ids`, `12 7`; each identifier stands there once,
 * for it may be on many links.
 */
export interface Component {
  ids: Identifier[];
  /** By pair: the earliest, as many as the bounds let there be. */
  links: Record<string, ComponentLink>;
  /** Of a component that is full, the first link that was left out: what does not come before it is so, too. */
  edge?: AgeOrder;
  /** Links beyond the edge, until the identifiers that they touch have an answer. */
  beyondBound?: Record<string, ComponentLink>;
  /** By {@link pairKey}: of their ends some may be on no link. */
  splits: Record<string, SplitFact>;
  /** Place → digest of the one that names its profile, as last answered; absent where it names its own. */
  answered: Record<string, string>;
  /** Pairs that are not answered yet. */
  fresh: Record<string, 1>;
  /** The component has to be resolved anew, for another reason than a link. */
  because?: 'split' | 'rules';
  /** Who is still handing over. */
  open: Identifier[];
}

/** Where an identifier belongs, as it was last published. */
export interface Assignment {
  readonly profileId: string;
  readonly version: number;
  readonly reason: AnswerReason;
  readonly formerly: readonly string[];
  readonly resolvedThrough: number;
}

/** What one identifier's owner keeps: plain JSON, changed in place by the resolver alone. */
export interface ResolverState {
  /** How often it began anew; absent for 0. */
  generation?: number;
  /** What was received of it up to this instant is forgotten; absent where it was never erased. */
  erasedUntil?: number;
  /** The version of the rules that it was last decided by. */
  rules: number;
  /** Over all its events; null before the first. */
  firstSeen: number | null;
  partners: Record<string, Partner>;
  /** It has met more others than are kept: a supernode for good, and its partners are forgotten. */
  tooManyPartners?: true;
  /** Partner → offset of the event that brought it, where no answer has come yet. */
  pending: Record<string, number>;
  /** The latest offset of my own events that brought a new partner. */
  through: number;
  /** The offset of my own events up to which all new pairs were answered, when one was last; absent before. */
  resolved?: number;
  /** Rem's union-find: me while I am a leader. */
  parent: Identifier;
  /** As a leader. */
  component?: Component;
  /** The answer that I follow. */
  answer?: {
    readonly leader: Identifier;
    readonly at: number;
    readonly first: Identifier;
    readonly reason: AnswerReason;
  };
  assignment?: Assignment;
}

/** An identifier of which nothing is known: alone, its own leader. */
export function newResolverState(me: Identifier, rules: number, begun?: Begun): ResolverState {
  const state = { rules, firstSeen: null, partners: emptyRecord<Partner>(), pending: emptyRecord<number>() };
  if (!begun) return { ...state, through: -1, parent: me };
  const { generation, erasedUntil } = begun;
  return { ...state, through: -1, parent: inGeneration(me, generation), generation, erasedUntil };
}

/** Of which generation an identifier is that was erased and of which nothing has come since. */
export interface Begun {
  readonly generation: number;
  readonly erasedUntil: number;
}

/** Whether a state says nothing but that it was erased. */
export function isNothing(me: Identifier, state: ResolverState): boolean {
  if (state.erasedUntil === undefined || state.firstSeen !== null || state.tooManyPartners) return false;
  if (state.component || state.assignment || baseOf(state.parent) !== me) return false;
  for (const _partner in state.partners) return false;
  return true;
}

/** A leader that knows nothing yet. */
export function newComponent(): Component {
  return {
    ids: [],
    links: emptyRecord(),
    splits: emptyRecord(),
    answered: emptyRecord(),
    fresh: emptyRecord(),
    open: [],
  };
}

/** For keys that no other record has: without a prototype V8 makes it a table from the beginning, and no shapes for it. */
export function emptyRecord<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
