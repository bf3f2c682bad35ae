import { accountNamedBy } from './account-name.js';
import { BOUNDS, traitBytes, type Truncated } from './bounds.js';
import { ACCOUNTS_GROUP, SEEN_GROUP, TRAITS_GROUP, type Identifier } from '@tributary/kernel';

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
  /** Of an identifier's own: what the fragment had no room for. */
  readonly truncated?: readonly Truncated[];
}

/** Since when an identifier names an account, in milliseconds since 1970. */
export interface AccountOfFragment {
  readonly since: number;
}

/** The state of an aggregate, a `FoldedAggregate` of `@tributary/audiences`; here nobody looks into it. */
export type AggregateFact = object;

/** What one identifier knows from its own events. Plain JSON, changed in place by `foldEvent` alone. */
export interface Fragment {
  seen: SeenFact | null;
  traits: Record<string, TraitFact>;
  /** The other identifiers on its events. */
  identifiers: Record<string, SeenFact>;
  aggregates: Record<string, AggregateFact>;
  /** The accounts that its group calls named, by `group_id:<groupId>`; absent where there are none. */
  accounts?: Record<string, AccountOfFragment>;
  /** Of all traits, as they count; absent where there are none. */
  traitBytes?: number;
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
  readonly groupId?: string | undefined;
  /** The first is the one whose fragment this is. */
  readonly identifiers: readonly Identifier[];
}

export function newFragment(): Fragment {
  return { seen: null, traits: {}, identifiers: {}, aggregates: {} };
}

/** Folds an event in; answers with the groups of facts that changed. Duplicates are to be kept away before. */
export function foldEvent(fragment: Fragment, event: FoldableEvent): readonly string[] {
  fragment.seen = seenAlso(fragment.seen, event.timestamp);
  for (const id of event.identifiers.slice(1)) {
    if (!hasRoomFor(fragment, id)) truncate(fragment, 'identifiers');
    else fragment.identifiers[id] = seenAlso(fragment.identifiers[id] ?? null, event.timestamp);
  }
  if (event.type === 'group')
    return takeAccount(fragment, event) ? [SEEN_GROUP, ACCOUNTS_GROUP] : [SEEN_GROUP];
  if (event.type !== 'identify') return [SEEN_GROUP];
  let hasNewTrait = false;
  // Counted once: of a thousand traits, that takes longer than to take one in.
  let names = Object.keys(fragment.traits).length;
  for (const [name, value] of Object.entries(event.traits ?? {})) {
    const { timestamp: at, receivedAt, sequence, messageId, sourceId } = event;
    const fact: TraitFact = { value, at, receivedAt, sequence, messageId, sourceId };
    // A customer may call a trait `constructor`.
    const before = Object.hasOwn(fragment.traits, name) ? fragment.traits[name] : undefined;
    if (before && !isLater(fact, before)) continue;
    if (!takeTrait(fragment, name, fact, { before, hasRoom: names < BOUNDS.fragmentTraits })) continue;
    hasNewTrait = true;
    if (!before) names += 1;
  }
  return hasNewTrait ? [SEEN_GROUP, TRAITS_GROUP] : [SEEN_GROUP];
}

/** Takes in the account that a group call names, where there is room; answers whether anything changed. */
function takeAccount(fragment: Fragment, event: FoldableEvent): boolean {
  const account = accountNamedBy(event);
  if (account === undefined) return false;
  const accounts = fragment.accounts ?? {};
  const before = accounts[account];
  if (before && before.since <= event.timestamp) return false;
  if (!before && Object.keys(accounts).length >= BOUNDS.fragmentAccounts) {
    truncate(fragment, 'groups');
    return false;
  }
  fragment.accounts = { ...accounts, [account]: { since: event.timestamp } };
  return true;
}

/** Whether an identifier is known to have been on an event with this one, or is to be. */
export function hasRoomFor({ identifiers }: Fragment, partner: string): boolean {
  return partner in identifiers || Object.keys(identifiers).length < BOUNDS.partners;
}

/** Takes in a trait where there is room; a known one whose value has become too large is removed. Answers whether it did. */
function takeTrait(
  fragment: Fragment,
  name: string,
  fact: TraitFact,
  { before, hasRoom }: { readonly before: TraitFact | undefined; readonly hasRoom: boolean },
): boolean {
  const { traits, traitBytes: taken = 0 } = fragment;
  const others = before ? taken - traitBytes(name, before.value) : taken;
  const fits = others + traitBytes(name, fact.value) <= BOUNDS.fragmentTraitBytes;
  if (!fits) truncate(fragment, 'traits');
  if (!before && !(fits && hasRoom)) {
    truncate(fragment, 'traits');
    return false;
  }
  const kept = fits ? fact : { ...fact, value: null };
  traits[name] = kept;
  fragment.traitBytes = others + traitBytes(name, kept.value);
  return true;
}

function truncate(fragment: Fragment, what: Truncated): void {
  const { seen } = fragment;
  if (!seen || seen.truncated?.includes(what)) return;
  fragment.seen = { ...seen, truncated: [...(seen.truncated ?? []), what].sort() };
}

/** The groups in which a fragment has facts. */
export function groupsOf(fragment: Fragment): readonly string[] {
  const traits = Object.keys(fragment.traits).length > 0 ? [TRAITS_GROUP] : [];
  const accounts = fragment.accounts ? [ACCOUNTS_GROUP] : [];
  return [
    ...traits,
    ...accounts,
    ...Object.keys(fragment.aggregates).map((hash) => `aggregate/${hash}`),
    SEEN_GROUP,
  ];
}

/** The facts of a group, by name; `@attached` is none of the fragment's. */
export function factsOf(fragment: Fragment, group: string): readonly (readonly [string, unknown])[] {
  if (group === TRAITS_GROUP)
    return Object.entries(fragment.traits).map(([name, trait]) => [`trait/${name}`, trait]);
  if (group === SEEN_GROUP) {
    const partners = Object.entries(fragment.identifiers).map(
      ([id, seen]) => [`identifier/${id}`, seen] as const,
    );
    return fragment.seen ? [['@seen', fragment.seen], ...partners] : partners;
  }
  if (group === ACCOUNTS_GROUP)
    return Object.entries(fragment.accounts ?? {}).map(([id, one]) => [`account/${id}`, one]);
  const aggregate = fragment.aggregates[group.slice('aggregate/'.length)];
  return aggregate ? [[group, aggregate]] : [];
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
  const { truncated } = seen;
  return {
    first: Math.min(seen.first, at),
    last: Math.max(seen.last, at),
    count: seen.count + 1,
    ...(truncated && { truncated }),
  };
}
