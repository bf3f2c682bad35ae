import type { Identifier } from '@tributary/kernel';

/** A trait as one identifier knows it. Null is a fact: the trait was removed at that time. Times in milliseconds. */
export interface TraitFact {
  readonly value: unknown;
  readonly at: number;
  readonly receivedAt: number;
  /** The place among what the collector received in the same millisecond; missing: 0. */
  readonly sequence?: number;
  readonly messageId: string;
  readonly sourceId: string;
}

/** First and last event time, in milliseconds since 1970, and how many events. */
export interface SeenFact {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** The latest occurrences of an audience's aggregate: [time, deduplicationId or messageId]. */
export type AggregateFact = readonly (readonly [number, string])[];

/** What one identifier knows from its own events. Plain JSON, changed in place by `foldEvent` alone. */
export interface Fragment {
  seen: SeenFact | null;
  traits: Record<string, TraitFact>;
  /** The other identifiers on its events. */
  identifiers: Record<string, SeenFact>;
  aggregates: Record<string, AggregateFact>;
}

/** The parts of an event that a fragment is folded from; times in milliseconds since 1970. */
export interface FoldableEvent {
  readonly type: string;
  readonly messageId: string;
  readonly sourceId: string;
  readonly timestamp: number;
  readonly receivedAt: number;
  readonly sequence: number;
  readonly traits?: Readonly<Record<string, unknown>> | undefined;
  /** The first is the one whose fragment this is. */
  readonly identifiers: readonly Identifier[];
}

export function newFragment(): Fragment {
  return { seen: null, traits: {}, identifiers: {}, aggregates: {} };
}

/** Folds an event in; answers with the names of the facts that changed. Duplicates are to be kept away before. */
export function foldEvent(fragment: Fragment, event: FoldableEvent): readonly string[] {
  const changed = ['@seen'];
  fragment.seen = seenAlso(fragment.seen, event.timestamp);
  for (const id of event.identifiers.slice(1)) {
    fragment.identifiers[id] = seenAlso(fragment.identifiers[id] ?? null, event.timestamp);
    changed.push(`identifier/${id}`);
  }
  if (event.type !== 'identify') return changed;
  for (const [name, value] of Object.entries(event.traits ?? {})) {
    const { timestamp: at, receivedAt, sequence, messageId, sourceId } = event;
    const fact: TraitFact = { value, at, receivedAt, sequence, messageId, sourceId };
    // A customer may call a trait `constructor`.
    const before = Object.hasOwn(fragment.traits, name) ? fragment.traits[name] : undefined;
    if (before && !isLater(fact, before)) continue;
    fragment.traits[name] = fact;
    changed.push(`trait/${name}`);
  }
  return changed;
}

/** Every fact of a fragment, by name. */
export function factsOf(fragment: Fragment): ReadonlyMap<string, unknown> {
  const facts = new Map<string, unknown>();
  for (const [id, seen] of Object.entries(fragment.identifiers)) facts.set(`identifier/${id}`, seen);
  for (const [name, trait] of Object.entries(fragment.traits)) facts.set(`trait/${name}`, trait);
  for (const [hash, aggregate] of Object.entries(fragment.aggregates))
    facts.set(`aggregate/${hash}`, aggregate);
  if (fragment.seen) facts.set('@seen', fragment.seen);
  return facts;
}

/** One fact of a fragment, by its name in `factsOf`; undefined where there is none. */
export function factOf(fragment: Fragment, fact: string): unknown {
  if (fact === '@seen') return fragment.seen ?? undefined;
  const slash = fact.indexOf('/');
  const facts: Readonly<Record<string, unknown>> | undefined = tableOf(fragment, fact.slice(0, slash));
  const name = fact.slice(slash + 1);
  return facts && Object.hasOwn(facts, name) ? facts[name] : undefined;
}

function tableOf(fragment: Fragment, kind: string) {
  if (kind === 'identifier') return fragment.identifiers;
  if (kind === 'trait') return fragment.traits;
  return kind === 'aggregate' ? fragment.aggregates : undefined;
}

/**
 * The later by event time, then in the order in which the collector received them, then by messageId: the same
 * everywhere, for ties too.
 */
export function isLater(a: TraitFact, b: TraitFact): boolean {
  if (a.at !== b.at) return a.at > b.at;
  if (a.receivedAt !== b.receivedAt) return a.receivedAt > b.receivedAt;
  const order = (a.sequence ?? 0) - (b.sequence ?? 0);
  return order === 0 ? a.messageId > b.messageId : order > 0;
}

function seenAlso(seen: SeenFact | null, at: number): SeenFact {
  if (!seen) return { first: at, last: at, count: 1 };
  return { first: Math.min(seen.first, at), last: Math.max(seen.last, at), count: seen.count + 1 };
}
