import { evaluate, leavesOf, mergeLeaves, traitNamesOf, type Facts } from '@tributary/audiences';
import type { MembershipMessage } from '@tributary/contracts';
import { toInstant } from '@tributary/kernel';
import { atHome, leafFacts, mergedInto, traitFact } from '@tributary/profiles';
import type { Audience } from '../audiences/audiences-in-force.js';
import type { Occasion, ProfileState, Registered } from './profile-state.js';

/** A membership that changed, without its owner's epoch. */
export type Change = Omit<MembershipMessage, 'epoch'>;

/** What an audience's judgement of a profile changes, in the order of time, and when a window passes next. */
export interface Judgement {
  readonly changes: readonly Change[];
  readonly registered: Registered | undefined;
  readonly deadline: number | undefined;
}

/**
 * Judges a profile by one audience, against what the world was last told. A deadline of which it is known that it has
 * passed is judged first, at its own instant: what came later may have taken the place of what decided it, and a late
 * judgement has to tell what one in time would have told. Nobody at home: in no audience.
 */
export function judge(profile: ProfileState, audience: Audience, occasion: Occasion): Judgement {
  const changes: Change[] = [];
  let registered = profile.register[audience.key];
  const judgeOn = (at: Occasion): number | undefined => {
    const { change, deadline } = judgeAt(profile, audience, at, registered?.member ?? false);
    if (change) {
      changes.push(change);
      registered = { since: Date.parse(change.since), meaning: audience.meaning, ...toldOf(change) };
    }
    return deadline;
  };
  // An event that has come is not in the future: this clock is behind that of the collector.
  const came = occasion.cause === 'event' ? latestFact(profile, audience) : undefined;
  const now = Math.max(occasion.now, came ?? -Infinity);
  let passed = profile.deadlines?.[audience.key];
  while (passed !== undefined && passed < now) {
    const next = judgeOn({ cause: 'time', now: passed });
    passed = next !== undefined && next > passed ? next : undefined;
  }
  const deadline = judgeOn({ ...occasion, now });
  return { changes, registered, deadline };
}

function judgeAt(profile: ProfileState, audience: Audience, occasion: Occasion, wasMember: boolean) {
  const { now } = occasion;
  const identifiers = atHome(profile.fragments);
  const { member, since, deadline } =
    identifiers.length > 0
      ? evaluate(audience.definition, factsOf(profile, audience), now)
      : { member: false, since: undefined, deadline: undefined };
  if (member === wasMember) return { deadline };
  const at = since ?? (occasion.cause === 'event' ? (latestFact(profile, audience) ?? now) : now);
  const movedTo = member ? undefined : mergedInto(profile.fragments);
  const { cause, causedBy } = occasion.cause === 'time' ? causeAt(profile, audience, at) : occasion;
  const change: Change = {
    workspaceId: profile.workspaceId,
    audienceKey: audience.key,
    profileId: profile.profileId,
    member,
    since: toInstant(at),
    cause: movedTo === undefined ? cause : 'merge',
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(movedTo === undefined ? {} : { movedTo }),
    identifiers: [...identifiers],
  };
  return { change, deadline };
}

/**
 * When the latest of the facts came that an audience depends on: what they do not tell of the past, because later
 * events took the place of earlier ones, this one has changed.
 */
function latestFact({ fragments }: ProfileState, { definition }: Audience): number | undefined {
  const times = [
    ...leavesOf(definition).flatMap(({ hash }) =>
      leafFacts(fragments, hash).flatMap((leaf) => leaf[0]?.[0] ?? []),
    ),
    ...traitNamesOf(definition).flatMap((name) => traitFact(fragments, name)?.at ?? []),
  ];
  return times.length === 0 ? undefined : Math.max(...times);
}

/** What came at an instant that is judged later: an event of the audience, or nothing but the time. */
function causeAt(
  { fragments }: ProfileState,
  audience: Audience,
  at: number,
): Pick<Change, 'cause' | 'causedBy'> {
  for (const { hash } of leavesOf(audience.definition)) {
    const occurrence = leafFacts(fragments, hash)
      .flat()
      .find(([time]) => time === at);
    if (occurrence) return { cause: 'event', causedBy: occurrence[1] };
  }
  return { cause: 'time' };
}

/** What the register keeps of a change beside its instant, so that it can be told again. */
export function toldOf({
  member,
  cause,
  causedBy,
  movedTo,
}: Pick<Change, 'member' | 'cause' | 'causedBy' | 'movedTo'>) {
  return {
    member,
    cause,
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(movedTo === undefined ? {} : { movedTo }),
  };
}

/** A registered membership as it was told, but for the identifiers: they are those at home now. */
export function changeOf(profile: ProfileState, audienceKey: string, registered: Registered): Change {
  const { since, cause = 'event' } = registered;
  return {
    workspaceId: profile.workspaceId,
    audienceKey,
    profileId: profile.profileId,
    since: toInstant(since),
    ...toldOf({ ...registered, cause }),
    identifiers: [...atHome(profile.fragments)],
  };
}

/** The exit of a member whose audience is no more. */
export function exitOf(profile: ProfileState, audienceKey: string, now: number): Change {
  return {
    workspaceId: profile.workspaceId,
    audienceKey,
    profileId: profile.profileId,
    member: false,
    since: toInstant(now),
    cause: 'definition',
    identifiers: [...atHome(profile.fragments)],
  };
}

function factsOf({ fragments }: ProfileState, audience: Audience): Facts {
  const leaves = new Map(leavesOf(audience.definition).map((leaf) => [leaf.hash, leaf]));
  return {
    leaf: (hash) => {
      const leaf = leaves.get(hash);
      const states = leafFacts(fragments, hash);
      return leaf && states.length > 0 ? mergeLeaves(leaf, states) : undefined;
    },
    trait: (name) => traitFact(fragments, name),
  };
}
