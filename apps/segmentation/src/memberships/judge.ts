import { evaluate, leavesOf, mergeLeaves, traitNamesOf, type Facts } from '@tributary/audiences';
import type { MembershipMessage } from '@tributary/contracts';
import { toInstant } from '@tributary/kernel';
import { atHome, leafFacts, mergedInto, traitFact } from '@tributary/profiles';
import type { Audience } from '../audiences/audiences-in-force.js';
import { isPresent, type Occasion, type ProfileState, type Registered } from './profile-state.js';

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
 * judgement has to tell what one in time would have told. Nobody with events at home: in no audience.
 */
export function judge(profile: ProfileState, audience: Audience, occasion: Occasion): Judgement {
  const changes: Change[] = [];
  let registered = profile.register[audience.key];
  const judgeOn = (at: Occasion): number | undefined => {
    const { change, deadline } = judgeAt(profile, audience, at, registered);
    if (change) {
      changes.push(change);
      registered = registeredOf(change);
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

function judgeAt(
  profile: ProfileState,
  audience: Audience,
  occasion: Occasion,
  before: Registered | undefined,
) {
  const { now } = occasion;
  const identifiers = atHome(profile.fragments);
  const { member, since, deadline } = isPresent(profile.fragments)
    ? evaluate(audience.definition, factsOf(profile, audience), now)
    : { member: false, since: undefined, deadline: undefined };
  if (member === (before?.member ?? false)) return { deadline };
  const movedTo = member ? undefined : mergedInto(profile.fragments);
  const became = movedTo === undefined ? becameAt(profile, audience, occasion, since) : now;
  // Of one membership no change is before the one before it, although an event may come late.
  const at = Math.max(became, before?.since ?? -Infinity);
  const { cause, causedBy } = causeOf(profile, audience, occasion, became, since);
  const change: Change = {
    workspaceId: profile.workspaceId,
    audienceKey: audience.key,
    profileId: profile.profileId,
    member,
    since: toInstant(at),
    cause: movedTo === undefined ? cause : 'merge',
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(movedTo === undefined ? {} : { movedTo }),
    definitionHash: audience.meaning,
    identifiers: [...identifiers],
  };
  return { change, deadline };
}

/**
 * The instant of a change. What a definition or identity changes becomes so when they do, whatever the facts tell of the
 * past; a merge by an event, with that event. What the facts date after it, it did not do: it was only evaluated late.
 */
function becameAt(
  profile: ProfileState,
  audience: Audience,
  { cause, joinedAt, now }: Occasion,
  since: number | undefined,
): number {
  if (cause === 'time') return since ?? now;
  if (cause === 'event') return since ?? latestFact(profile, audience) ?? now;
  if (cause === 'definition') return since !== undefined && since > audience.definedAt ? since : now;
  return cause === 'merge' && joinedAt !== undefined ? Math.max(joinedAt, since ?? joinedAt) : now;
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

/** The event behind the change is that of a fact which the audience reads, where one of them changed. */
function causeOf(
  profile: ProfileState,
  audience: Audience,
  { cause, causedBy, joinedAt }: Occasion,
  at: number,
  since: number | undefined,
): Pick<Change, 'cause' | 'causedBy'> {
  // Of what is evaluated late nobody knows the events any more; neither did a definition or a merge what came after it.
  const effects = { definition: audience.definedAt, merge: joinedAt } as const;
  const effectAt = effects[cause as keyof typeof effects] ?? Infinity;
  const isLate = !causedBy && (cause === 'event' || (since !== undefined && since > effectAt));
  if (cause === 'time' || isLate) return causeAt(profile, audience, at);
  const messageId =
    [...(causedBy ?? [])].findLast(([fact]) => audience.facts.has(fact))?.[1] ??
    [...(causedBy?.values() ?? [])].at(-1);
  return { cause, ...(messageId === undefined ? {} : { causedBy: messageId }) };
}

/** What came at an instant that is evaluated later: an event of the audience, or nothing but the time. */
function causeAt(
  { fragments }: ProfileState,
  { definition }: Audience,
  at: number,
): Pick<Change, 'cause' | 'causedBy'> {
  for (const { hash } of leavesOf(definition)) {
    const occurrence = leafFacts(fragments, hash)
      .flat()
      .find(([time]) => time === at);
    if (occurrence) return { cause: 'event', causedBy: occurrence[1] };
  }
  for (const name of traitNamesOf(definition)) {
    const trait = traitFact(fragments, name);
    if (trait?.at === at) return { cause: 'event', causedBy: trait.messageId };
  }
  return { cause: 'time' };
}

/** What the register keeps of a change that is published. */
export function registeredOf(
  change: Pick<Change, 'member' | 'since' | 'cause' | 'causedBy' | 'movedTo' | 'definitionHash'>,
): Registered {
  const { since, definitionHash: meaning } = change;
  return { since: Date.parse(since), ...(meaning === undefined ? {} : { meaning }), ...toldOf(change) };
}

/** What the register keeps of a change beside its instant, so that it can be told again. */
function toldOf({
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
  const { since, cause = 'event', meaning } = registered;
  return {
    workspaceId: profile.workspaceId,
    audienceKey,
    profileId: profile.profileId,
    since: toInstant(since),
    ...toldOf({ ...registered, cause }),
    ...(meaning === undefined ? {} : { definitionHash: meaning }),
    identifiers: [...atHome(profile.fragments)],
  };
}

/** The exit of a member whose audience is no more, now, but not before it entered. */
export function exitOf(profile: ProfileState, audienceKey: string, now: number): Change {
  const entered = profile.register[audienceKey]?.since ?? now;
  return {
    workspaceId: profile.workspaceId,
    audienceKey,
    profileId: profile.profileId,
    member: false,
    since: toInstant(Math.max(now, entered)),
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
