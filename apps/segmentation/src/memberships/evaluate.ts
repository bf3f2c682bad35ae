import {
  evaluate,
  type Evaluation as EvaluatedAt,
  aggregatesOf,
  traitNamesOf,
  type Facts,
} from '@tributary/audiences';
import type { MembershipMessage } from '@tributary/contracts';
import { toInstant } from '@tributary/kernel';
import { attachedIdentifiers, isForgotten, mergedInto } from '@tributary/profiles';
import type { Audience } from '../audiences/audiences-in-force.js';
import { eventAt, knownIn, latestTimeOf, traitIn } from './occurrences.js';
import { isPresent, type Occasion, type ProfileState, type PublishedMembership } from './profile-state.js';

/** A membership that changed, without its owner's epoch. */
export type Change = Omit<MembershipMessage, 'epoch'>;

/** What an audience's evaluation of a profile changes, in the order of time, and when a window passes next. */
export interface Evaluation {
  readonly changes: readonly Change[];
  readonly published: PublishedMembership | undefined;
  readonly deadline: number | undefined;
}

/**
 * Evaluates a profile by one audience, against what was last published. A deadline of which it is known that it has
 * passed is evaluated first, at its own instant: what came later may have taken the place of what decided it, and a late
 * evaluation has to publish what one in time would have. Nobody with events attached: in no audience.
 */
export function evaluateAudience(profile: ProfileState, audience: Audience, occasion: Occasion): Evaluation {
  const changes: Change[] = [];
  let published = profile.published[audience.key];
  const evaluateOn = (at: Occasion): number | undefined => {
    const { change, deadline } = evaluateAt(profile, audience, at, published);
    if (change) {
      changes.push(change);
      published = publishedOf(change);
    }
    return deadline;
  };
  // An event that has come is not in the future: this clock is behind that of the collector.
  const came = occasion.cause === 'event' ? latestFact(profile, audience) : undefined;
  const now = Math.max(occasion.now, came ?? -Infinity);
  let passed = profile.deadlines?.[audience.key];
  while (passed !== undefined && passed < now) {
    const next = evaluateOn({ cause: 'time', now: passed });
    passed = next !== undefined && next > passed ? next : undefined;
  }
  const deadline = evaluateOn({ ...occasion, now });
  return { changes, published, deadline };
}

function evaluateAt(
  profile: ProfileState,
  audience: Audience,
  occasion: Occasion,
  before: PublishedMembership | undefined,
) {
  const { now } = occasion;
  const identifiers = attachedIdentifiers(profile.fragments);
  const evaluated: EvaluatedAt = isPresent(profile.fragments)
    ? evaluate(audience.definition, factsOf(profile, audience), now)
    : { member: false, since: undefined, deadline: undefined };
  const { member, deadline, isUnknown } = evaluated;
  // While more is asked than was kept, what was published stands: a greater count empties no audience.
  if (isUnknown || member === (before?.member ?? false)) return { deadline };
  const { since } = evaluated;
  const movedTo = member ? undefined : mergedInto(profile.fragments);
  const became = movedTo === undefined ? becameAt(profile, audience, occasion, since) : now;
  // Of one membership no change is before the one before it, although an event may come late.
  const at = Math.max(became, before?.since ?? -Infinity);
  const { cause, causedBy }: Pick<Change, 'cause' | 'causedBy'> = isForgotten(profile.fragments)
    ? { cause: 'erasure' }
    : causeOf(profile, audience, occasion, became, since);
  const change: Change = {
    workspaceId: profile.workspaceId,
    audienceKey: audience.key,
    profileId: profile.profileId,
    member,
    since: toInstant(at),
    cause: movedTo === undefined ? cause : 'merge',
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(movedTo === undefined ? {} : { movedTo }),
    definitionHash: audience.definitionHash,
    identifiers: [...identifiers],
  };
  return { change, deadline };
}

/**
 * The instant of a change. What a definition or identity changes becomes so when they do, whatever the facts say of the
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
  if (isByDefinition(cause)) return since !== undefined && since > audience.definedAt ? since : now;
  return cause === 'merge' && joinedAt !== undefined ? Math.max(joinedAt, since ?? joinedAt) : now;
}

/**
 * When the latest of the facts came that an audience depends on: what they do not say of the past, because later
 * events took the place of earlier ones, this one has changed.
 */
function latestFact({ fragments }: ProfileState, audience: Audience): number | undefined {
  const { definition } = audience;
  const times = [
    ...aggregatesOf(definition).flatMap((aggregate) => latestTimeOf(fragments, aggregate) ?? []),
    ...traitNamesOf(definition).flatMap((name) => traitIn(fragments, audience, name)?.at ?? []),
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
  const mergedAt = cause === 'merge' ? joinedAt : undefined;
  const effectAt = isByDefinition(cause) ? audience.definedAt : (mergedAt ?? Infinity);
  const isLate = !causedBy && (cause === 'event' || (since !== undefined && since > effectAt));
  if (cause === 'time' || isLate) return causeAt(profile, audience, at);
  const messageId =
    [...(causedBy ?? [])].findLast(([fact]) => audience.facts.has(fact))?.[1] ??
    [...(causedBy?.values() ?? [])].at(-1);
  return { cause, ...(messageId === undefined ? {} : { causedBy: messageId }) };
}

function isByDefinition(cause: Occasion['cause']): boolean {
  return cause === 'definition' || cause === 'back-fill';
}

/** What came at an instant that is evaluated later: an event of the audience, or nothing but the time. */
function causeAt(
  { fragments }: ProfileState,
  audience: Audience,
  at: number,
): Pick<Change, 'cause' | 'causedBy'> {
  const { definition } = audience;
  for (const aggregate of aggregatesOf(definition)) {
    const causedBy = eventAt(fragments, aggregate, at);
    if (causedBy !== undefined) return { cause: 'event', causedBy };
  }
  for (const name of traitNamesOf(definition)) {
    const trait = traitIn(fragments, audience, name);
    if (trait?.at === at) return { cause: 'event', causedBy: trait.messageId };
  }
  return { cause: 'time' };
}

/** What is kept of a change that is published. */
export function publishedOf(
  change: Pick<Change, 'member' | 'since' | 'cause' | 'causedBy' | 'movedTo' | 'definitionHash'>,
): PublishedMembership {
  const { since, definitionHash: definitionHash } = change;
  return {
    since: Date.parse(since),
    ...(definitionHash === undefined ? {} : { definitionHash }),
    ...publishedPartOf(change),
  };
}

/** What is kept of a change beside its instant, so that it can be published again. */
function publishedPartOf({
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

/** A published membership as it was, but for the identifiers: they are those attached now. */
export function changeOf(profile: ProfileState, audienceKey: string, published: PublishedMembership): Change {
  const { since, cause = 'event', definitionHash } = published;
  return {
    workspaceId: profile.workspaceId,
    audienceKey,
    profileId: profile.profileId,
    since: toInstant(since),
    ...publishedPartOf({ ...published, cause }),
    ...(definitionHash === undefined ? {} : { definitionHash: definitionHash }),
    identifiers: [...attachedIdentifiers(profile.fragments)],
  };
}

/** The exit of a member whose audience is no more, now, but not before it entered. */
export function exitOf(profile: ProfileState, audienceKey: string, now: number): Change {
  const entered = profile.published[audienceKey]?.since ?? now;
  return {
    workspaceId: profile.workspaceId,
    audienceKey,
    profileId: profile.profileId,
    member: false,
    since: toInstant(Math.max(now, entered)),
    cause: 'definition',
    identifiers: [...attachedIdentifiers(profile.fragments)],
  };
}

function factsOf({ profileId, fragments }: ProfileState, audience: Audience): Facts {
  const known = new Map(
    aggregatesOf(audience.definition).map((aggregate) => [aggregate.hash, knownIn(fragments, aggregate)]),
  );
  return {
    profileId,
    known: ({ hash }) => known.get(hash),
    trait: (name) => traitIn(fragments, audience, name),
  };
}
