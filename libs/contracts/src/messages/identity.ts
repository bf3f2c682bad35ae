import Type, { type Static } from 'typebox';
import { IdentifierText, Instant, WorkspaceId } from './common.js';

const Offset = Type.Integer({ minimum: 0 });
const Millis = Type.Integer({ description: 'milliseconds since 1970' });
const Place = Type.Integer({ minimum: 0, description: 'in the list of identifiers' });
const Pair = Type.Tuple([IdentifierText, IdentifierText]);
/** What put an identifier where it is. */
const AssignmentReason = Type.Enum(['linked', 'alone', 'split', 'rules', 'beyond_bound']);
const EndRefusal = Type.Enum(['blocked', 'too_many_partners', 'supernode', 'limit'], {
  description: 'why the end does not join through the link; absent where it may',
});

/** What one of `ids` says of its link with another: end, other, first seen, the end first seen, version. */
const PassedEligibility = Type.Union([
  Type.Tuple([Place, Place, Millis, Millis, Offset]),
  Type.Tuple([Place, Place, Millis, Millis, Offset, EndRefusal]),
]);

/** A link between two of `ids` that joins them: the owner, the other, first seen, both first seen, version. */
const PassedLink = Type.Tuple([Place, Place, Millis, Millis, Millis, Offset]);

/** Identifiers that occurred together on an event: it goes from one to the next, with what those before said. */
const Seen = Type.Object({
  kind: Type.Literal('seen'),
  ids: Type.Array(IdentifierText, { minItems: 2, description: 'in the order of digests' }),
  firstSeen: Millis,
  news: Type.Optional(
    Type.Tuple([Place, Offset], {
      description: 'the primary identifier of the event, which it brought a partner; the offset of the event',
    }),
  ),
  said: Type.Array(PassedEligibility),
  links: Type.Array(Type.Object({ to: IdentifierText, links: Type.Array(PassedLink) })),
  bringsMore: Type.Optional(Type.Literal(true)),
});

/** The identifier itself occurred; sent when no partner carries the news. */
const Met = Type.Object({ kind: Type.Literal('met'), firstSeen: Millis });

/** One end's own view of its link with `other`; the version is an offset in the end's partition of this log. */
const Eligibility = Type.Object({
  kind: Type.Literal('eligibility'),
  end: IdentifierText,
  other: IdentifierText,
  refusal: Type.Optional(EndRefusal),
  firstSeen: Millis,
  endFirstSeen: Millis,
  version: Offset,
});

/** Two identifiers that are to be kept apart, or no longer; the version is an offset of `control.splits.v1`. */
export const SplitFact = Type.Object({ pair: Pair, apart: Type.Boolean(), version: Offset });
export type SplitFact = Static<typeof SplitFact>;

const Union = Type.Object({ kind: Type.Literal('union'), other: IdentifierText });

/** Of `ids`, as its owner joined it from both eligibilities: both ends, eligible (1), first seen, both first seen, version. */
const LinkFact = Type.Tuple([
  Place,
  Place,
  Type.Union([Type.Literal(0), Type.Literal(1)]),
  Millis,
  Millis,
  Millis,
  Offset,
]);

/** Facts on their way to the leader; a hand-over comes in parts, `open` until the last. */
const Facts = Type.Object({
  kind: Type.Literal('facts'),
  from: IdentifierText,
  ids: Type.Array(IdentifierText),
  facts: Type.Array(LinkFact),
  splits: Type.Optional(Type.Array(SplitFact)),
  edge: Type.Optional(Type.Tuple([Millis, Type.String()])),
  open: Type.Boolean(),
  whole: Type.Optional(Type.Literal(true)),
});

/** A link that its owner refused: it is answered, and joins nothing. */
const Settled = Type.Object({ kind: Type.Literal('settled'), partner: IdentifierText });

/** The leader's word on an identifier's profile; `at` is an offset in the leader's partition of this log. */
const Answer = Type.Object({
  kind: Type.Literal('answer'),
  leader: IdentifierText,
  at: Offset,
  first: IdentifierText,
  reason: AssignmentReason,
  answered: Type.Array(IdentifierText),
});

/** From the log of splits, published to both ends. */
const Split = Type.Object({
  kind: Type.Literal('split'),
  other: IdentifierText,
  apart: Type.Boolean(),
  version: Offset,
});

/** What was received of the identifier up to an instant is forgotten. */
const Erased = Type.Object({ kind: Type.Literal('erased'), until: Millis });

/**
 * This generation of a partner is over; `joined` where its end of the link knows that it was once eligible, `erased` where
 * what was received of the partner is forgotten.
 */
const Parted = Type.Object({
  kind: Type.Literal('parted'),
  gone: IdentifierText,
  joined: Type.Optional(Type.Literal(true)),
  erased: Type.Optional(Type.Literal(true)),
});

/** A leader to itself, some time after it heard something new: it answers where this lies in its log. */
const Resolve = Type.Object({ kind: Type.Literal('resolve') });

/** The rules are others than those that `to` was decided by. */
const Review = Type.Object({ kind: Type.Literal('review') });

/** What identifiers of identity's partitions say to one another. */
export const LinkPart = Type.Union([
  Seen,
  Facts,
  Answer,
  Met,
  Eligibility,
  Union,
  Settled,
  Split,
  Erased,
  Parted,
  Resolve,
  Review,
]);
export type LinkPart = Static<typeof LinkPart>;

/** What an identifier says of its links that it did not say before: of each, the other end, first seen, why not. */
export const SaidMessage = Type.Object({
  end: IdentifierText,
  endFirstSeen: Millis,
  version: Offset,
  links: Type.Array(
    Type.Union([Type.Tuple([IdentifierText, Millis]), Type.Tuple([IdentifierText, Millis, EndRefusal])]),
  ),
});
export type SaidMessage = Static<typeof SaidMessage>;

/**
 * All that one step of a partition says to one identifier; it concerns the state of `to` alone. An identifier that began anew
 * when somebody was erased is written with its generation, a number between spaces, in front; `said` and keys are without. `said` is for readers of
 * the log: what identifiers of the partition decided on their links in the step.
 */
export const LinkMessage = Type.Object({
  workspaceId: WorkspaceId,
  to: IdentifierText,
  messages: Type.Array(LinkPart),
  said: Type.Optional(Type.Array(SaidMessage)),
});
export type LinkMessage = Static<typeof LinkMessage>;

/**
 * A partner of an identifier was erased: who tells of the events of the identifier tells of them both anew, with the next event.
 * The partner is named by digits of its digest.
 */
export const PartingMessage = Type.Object({
  workspaceId: WorkspaceId,
  identifier: IdentifierText,
  gone: Type.String({ pattern: '^[0-9a-f]{12}$' }),
});
export type PartingMessage = Static<typeof PartingMessage>;

export const AssignmentMessage = Type.Object({
  workspaceId: WorkspaceId,
  identifier: IdentifierText,
  profileId: Type.String(),
  version: Offset,
  reason: AssignmentReason,
  formerly: Type.Array(Type.String()),
  resolvedThrough: Type.Object({ partition: Type.Integer(), offset: Type.Integer({ minimum: -1 }) }),
  at: Instant,
});
export type AssignmentMessage = Static<typeof AssignmentMessage>;
