import type { Identifier } from '@tributary/kernel';
import { factOf, factsOf, type Fragment } from './fragment.js';
import type { FactVersion, AttachmentFact } from './profile.js';

/** Where an identifier belongs, as identity last said. */
export interface PlacedAssignment {
  readonly profileId: string;
  readonly version: number;
  readonly formerly: readonly string[];
  readonly resolvedThrough: number;
}

/** One identifier's fragment with where it has been published. Plain JSON, changed in place by these functions alone. */
export interface PlacedFragment {
  readonly fragment: Fragment;
  /** The offset of the last event folded; -1 before the first. */
  offset: number;
  assignment?: PlacedAssignment;
  /** The version of the assignment by which it came to the profile where it belongs; absent where it never moved. */
  arrived?: number;
  /** Where its facts are, and by which arrival; absent before any was published. */
  home?: { readonly profileId: string; readonly version: number };
  /** Facts that changed since they were last published. */
  unpublished: string[];
  /** Not to be published before this offset is resolved, or the deadline (milliseconds since 1970) has passed. */
  hold?: { readonly through: number; readonly deadline: number };
}

/** A fact on its way to a profile; null removes it. */
export interface PublishedFact {
  readonly profileId: string;
  readonly identifier: Identifier;
  readonly fact: string;
  readonly published: { readonly version: FactVersion; readonly value: unknown } | null;
}

/** Whether the facts wait for identity's answer on an event with an identifier that is new to this one. */
export function isHeld(placed: PlacedFragment, now: number): boolean {
  const { hold, assignment } = placed;
  return hold !== undefined && (assignment?.resolvedThrough ?? -1) < hold.through && now < hold.deadline;
}

/**
 * Takes identity's word, unless it is older than what is known, and answers whether it did. Where it names another
 * profile than the word before it, the identifier moves, and arrives by this word. It is noted here and not where facts
 * are published, for that depends on batches: a restart may read at once what was published one after the other before.
 */
export function assign(
  ownProfileId: () => string,
  placed: PlacedFragment,
  assignment: PlacedAssignment,
): boolean {
  const before = placed.assignment;
  if (assignment.version <= (before?.version ?? -1)) return false;
  if (assignment.profileId !== (before?.profileId ?? ownProfileId())) placed.arrived = assignment.version;
  placed.assignment = assignment;
  return true;
}

/**
 * Whether all that changed since it was published is when and how often it was seen, for which nobody waits. Not where it
 * moves, or was held for identity.
 */
export function isOnlySeen(ownProfileId: () => string, placed: PlacedFragment): boolean {
  const { hold, home, unpublished } = placed;
  const target = targetOf(ownProfileId, placed);
  return (
    hold === undefined &&
    home?.profileId === target.profileId &&
    home.version === target.version &&
    unpublished.every((fact) => fact === '@seen' || fact.startsWith('identifier/'))
  );
}

function targetOf(ownProfileId: () => string, { assignment, arrived }: PlacedFragment) {
  return { profileId: assignment?.profileId ?? ownProfileId(), version: arrived ?? -1 };
}

/**
 * What is to be published now, in two phases: the facts at the profile where the identifier belongs, with the fact that it
 * is attached there; then, once those are acknowledged, to every former profile that it is not, and which facts go.
 * Nothing while it is held.
 */
export function publish(
  me: Identifier,
  ownProfileId: () => string,
  placed: PlacedFragment,
  now: number,
): readonly [readonly PublishedFact[], readonly PublishedFact[]] {
  if (isHeld(placed, now)) return [[], []];
  delete placed.hold;
  const { assignment, home, offset } = placed;
  const target = targetOf(ownProfileId, placed);
  const tell = (fact: string, value: unknown): PublishedFact => ({
    profileId: target.profileId,
    identifier: me,
    fact,
    published: { version: [target.version, offset], value },
  });
  // Not by the profile alone: it may have been published elsewhere between, before a crash, and must leave there.
  if (home?.profileId === target.profileId && home.version === target.version) {
    const news = placed.unpublished.flatMap((fact) => {
      const value = factOf(placed.fragment, fact);
      return value === undefined ? [] : [tell(fact, value)];
    });
    placed.unpublished = [];
    return [news, []];
  }
  const attached: AttachmentFact = { attached: true };
  const facts = factsOf(placed.fragment);
  const arrive = [
    ...[...facts].map(([fact, value]) => tell(fact, value)),
    attachmentFact(me, target.profileId, target.version, attached),
  ];
  placed.unpublished = [];
  placed.home = target;
  const from = home?.profileId === target.profileId ? undefined : home?.profileId;
  return [arrive, leave(me, target, from, assignment?.formerly ?? [], [...facts.keys()])];
}

function leave(
  me: Identifier,
  target: { readonly profileId: string; readonly version: number },
  from: string | undefined,
  formerly: readonly string[],
  facts: readonly string[],
): readonly PublishedFact[] {
  const gone: AttachmentFact = { attached: false, movedTo: target.profileId };
  const left = formerly
    .filter((profileId) => profileId !== target.profileId)
    .map((profileId) => attachmentFact(me, profileId, target.version, gone));
  if (from === undefined) return left;
  return [...left, ...facts.map((fact) => ({ profileId: from, identifier: me, fact, published: null }))];
}

function attachmentFact(
  identifier: Identifier,
  profileId: string,
  version: number,
  value: AttachmentFact,
): PublishedFact {
  return { profileId, identifier, fact: '@attached', published: { version: [version, -1], value } };
}
