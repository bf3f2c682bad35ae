import { ACCOUNTS_GROUP, SEEN_GROUP, TRAITS_GROUP, type Identifier } from '@tributary/kernel';
import { factsOf, groupsOf, newFragment, type Fragment } from './fragment.js';
import type { AttachmentFact, FactVersion, VersionedFact } from './profile.js';

/** Where an identifier belongs, as identity last said. */
export interface PlacedAssignment {
  readonly profileId: string;
  readonly version: number;
  readonly formerly: readonly string[];
  readonly resolvedThrough: number;
  /** When identity said so, in milliseconds since 1970. */
  readonly at?: number;
}

/** One identifier's fragment with where it has been published. Plain JSON, changed in place by these functions alone. */
export interface PlacedFragment {
  readonly fragment: Fragment;
  /** The offset of the last event folded; -1 before the first. */
  offset: number;
  /** The offset of the first event folded; absent before it. */
  born?: number;
  /** The offset of the last seed folded; absent before the first. */
  seed?: number;
  assignment?: PlacedAssignment;
  /** The version of the assignment by which it came to the profile where it belongs; absent where it never moved. */
  arrived?: number;
  /** Where its facts are, and by which arrival; absent before any was published. */
  home?: { readonly profileId: string; readonly version: number };
  /** Groups with facts that changed since they were last published. */
  unpublished: string[];
  /** Not to be published before this offset is resolved, or the deadline (milliseconds since 1970) has passed. */
  hold?: { readonly through: number; readonly deadline: number };
}

/** A whole group of facts on its way to a profile; null removes it. */
export interface PublishedGroup {
  readonly profileId: string;
  readonly identifier: Identifier;
  readonly group: string;
  readonly facts: Readonly<Record<string, VersionedFact>> | null;
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

/** Whether it may wait to say when it was seen. It may not where it moves, or was held for identity. */
export function canWait(ownProfileId: () => string, placed: PlacedFragment): boolean {
  return placed.hold === undefined && isHome(placed, targetOf(ownProfileId, placed));
}

interface Target {
  readonly profileId: string;
  readonly version: number;
}

function targetOf(ownProfileId: () => string, { assignment, arrived }: PlacedFragment): Target {
  return { profileId: assignment?.profileId ?? ownProfileId(), version: arrived ?? -1 };
}

/** Not by the profile alone: it may have been published elsewhere between, before a crash, and must leave there. */
function isHome({ home }: PlacedFragment, target: Target): boolean {
  return home?.profileId === target.profileId && home.version === target.version;
}

/**
 * What is to be published now, in two phases: the facts at the profile where the identifier belongs, with the fact that it
 * is attached there; then, once those are acknowledged, to every former profile that it is not, and which facts go.
 * Nothing while it is held; when it was seen only `withSeen`, where it can wait.
 */
export function publish(
  me: Identifier,
  ownProfileId: () => string,
  placed: PlacedFragment,
  now: number,
  { withSeen = true } = {},
): readonly [readonly PublishedGroup[], readonly PublishedGroup[]] {
  if (isHeld(placed, now)) return [[], []];
  delete placed.hold;
  const { assignment, home } = placed;
  const target = targetOf(ownProfileId, placed);
  const say = (group: string) => saidOf(me, placed, target, group);
  if (isHome(placed, target)) {
    const isDue = (group: string) => withSeen || group !== SEEN_GROUP;
    const news = placed.unpublished.filter(isDue).map(say);
    placed.unpublished = placed.unpublished.filter((group) => !isDue(group));
    return [news, []];
  }
  const groups = groupsOf(placed.fragment);
  placed.unpublished = [];
  placed.home = target;
  const from = home?.profileId === target.profileId ? undefined : home?.profileId;
  return [groups.map(say), leave(me, target, from, assignment?.formerly ?? [], groups)];
}

/**
 * What removes an identifier from all profiles to which it was told, or may have been before a crash; `groups`: those of which
 * it may have told facts beside the ones that it has.
 */
export function forget(
  identifier: Identifier,
  ownProfileId: () => string,
  { fragment, assignment, home }: PlacedFragment,
  groups: readonly string[],
): readonly PublishedGroup[] {
  const all = new Set([...groups, TRAITS_GROUP, ACCOUNTS_GROUP, ...groupsOf(fragment)]);
  const places = new Set(
    [ownProfileId(), home?.profileId, assignment?.profileId].filter((one) => one !== undefined),
  );
  const former = (assignment?.formerly ?? []).filter((profileId) => !places.has(profileId));
  return [
    ...[...places].flatMap((profileId) => removed(identifier, profileId, [...all])),
    ...former.map((profileId) => ({ profileId, identifier, group: SEEN_GROUP, facts: null })),
  ];
}

/** What removes groups of an identifier from a profile. */
export function removed(
  identifier: Identifier,
  profileId: string,
  groups: readonly string[],
): readonly PublishedGroup[] {
  return groups.map((group) => ({ profileId, identifier, group, facts: null }));
}

/** An identifier of which nothing is known but where identity says that it belongs. */
export function emptied({ assignment, arrived }: PlacedFragment): PlacedFragment {
  return {
    ...{ fragment: newFragment(), offset: -1, unpublished: [] },
    ...(assignment && { assignment }),
    ...(arrived !== undefined && { arrived }),
  };
}

function saidOf(
  identifier: Identifier,
  { fragment, offset, seed }: PlacedFragment,
  { profileId, version }: Target,
  group: string,
): PublishedGroup {
  const of: FactVersion = seed === undefined ? [version, offset] : [version, offset, seed];
  const facts = factsOf(fragment, group).map(([fact, value]) => [fact, { version: of, value }] as const);
  if (facts.length === 0 && group !== SEEN_GROUP) return { profileId, identifier, group, facts: null };
  const attached = attachedFact(version, { attached: true });
  const all = group === SEEN_GROUP ? [...facts, attached] : facts;
  return { profileId, identifier, group, facts: Object.fromEntries(all) };
}

/**
 * That it is not attached takes what was seen with it; other groups are removed where they were. The accounts stay: by them the
 * profile knows, also after a disk was lost, which ones it has to tell that it belongs to them no more.
 */
function leave(
  identifier: Identifier,
  target: Target,
  from: string | undefined,
  formerly: readonly string[],
  groups: readonly string[],
): readonly PublishedGroup[] {
  const gone = attachedFact(target.version, { attached: false, movedTo: target.profileId });
  const left = formerly
    .filter((profileId) => profileId !== target.profileId)
    .map((profileId) => ({ profileId, identifier, group: SEEN_GROUP, facts: Object.fromEntries([gone]) }));
  if (from === undefined) return left;
  const others = groups.filter((group) => group !== SEEN_GROUP && group !== ACCOUNTS_GROUP);
  return [...left, ...others.map((group) => ({ profileId: from, identifier, group, facts: null }))];
}

function attachedFact(version: number, value: AttachmentFact): readonly [string, VersionedFact] {
  return ['@attached', { version: [version, -1], value }];
}

/** Notes groups whose facts changed. */
export function addUnpublished(placed: PlacedFragment, groups: readonly string[]): void {
  placed.unpublished =
    placed.unpublished.length === 0 ? [...groups] : [...new Set([...placed.unpublished, ...groups])];
}
