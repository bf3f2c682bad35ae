import Type, { type Static } from 'typebox';
import { IdentifierText, Instant, WorkspaceId } from './common.js';

const Offset = Type.Integer({ minimum: 0 });
const Millis = Type.Integer({ description: 'milliseconds since 1970' });
const Pair = Type.Tuple([IdentifierText, IdentifierText]);
/** What put an identifier where it is. */
const AssignmentReason = Type.Enum(['linked', 'alone', 'split', 'rules', 'beyond_bound']);

const address = { workspaceId: WorkspaceId, to: IdentifierText };

/** A partner that occurred beside `to` on an event; `through` where `to` was the event's primary identifier. */
const Seen = Type.Object({
  kind: Type.Literal('seen'),
  ...address,
  partner: IdentifierText,
  firstSeen: Millis,
  through: Type.Optional(Offset),
});

/** The identifier itself occurred; sent when no partner carries the news. */
const Met = Type.Object({ kind: Type.Literal('met'), ...address, firstSeen: Millis });

/** One end's own view of its link with `other`; the version is an offset in the end's partition of this log. */
const Eligibility = Type.Object({
  kind: Type.Literal('eligibility'),
  ...address,
  end: IdentifierText,
  other: IdentifierText,
  refusal: Type.Optional(
    Type.Enum(['blocked', 'too_many_partners', 'supernode', 'limit'], {
      description: 'why the end does not join through the link; absent where it may',
    }),
  ),
  firstSeen: Millis,
  endFirstSeen: Millis,
  version: Offset,
});

/** A link as its owner joined it from both eligibilities; `firstSeen` also of both ends, in the order of `pair`. */
export const LinkFact = Type.Object({
  pair: Pair,
  eligible: Type.Boolean(),
  firstSeen: Millis,
  endsFirstSeen: Type.Tuple([Millis, Millis]),
  version: Offset,
});
export type LinkFact = Static<typeof LinkFact>;

/** Two identifiers that are to be kept apart, or no longer; the version is an offset of `control.splits.v1`. */
export const SplitFact = Type.Object({ pair: Pair, apart: Type.Boolean(), version: Offset });
export type SplitFact = Static<typeof SplitFact>;

const Union = Type.Object({ kind: Type.Literal('union'), ...address, other: IdentifierText });

/** Facts on their way to the root; a hand-over comes in parts, `open` until the last. */
const Facts = Type.Object({
  kind: Type.Literal('facts'),
  ...address,
  from: IdentifierText,
  facts: Type.Array(LinkFact),
  splits: Type.Optional(Type.Array(SplitFact)),
  edge: Type.Optional(Type.Tuple([Millis, Type.String()])),
  open: Type.Boolean(),
});

/** A link that its owner refused: it is answered, and joins nothing. */
const Settled = Type.Object({ kind: Type.Literal('settled'), ...address, partner: IdentifierText });

/** The root's word on an identifier's profile; `at` is an offset in the root's partition of this log. */
const Answer = Type.Object({
  kind: Type.Literal('answer'),
  ...address,
  leader: IdentifierText,
  at: Offset,
  first: IdentifierText,
  reason: AssignmentReason,
  answered: Type.Array(IdentifierText),
});

/** From the log of splits, published to both ends. */
const Split = Type.Object({
  kind: Type.Literal('split'),
  ...address,
  other: IdentifierText,
  apart: Type.Boolean(),
  version: Offset,
});

/** A root to itself, some time after it heard something new: it answers where this lies in its log. */
const Resolve = Type.Object({ kind: Type.Literal('resolve'), ...address });

/** The rules are others than those that `to` was validated by. */
const Review = Type.Object({ kind: Type.Literal('review'), ...address });

/** What identity's partitions say to one another; every message concerns the state of `to` alone. */
export const LinkMessage = Type.Union([
  Seen,
  Met,
  Eligibility,
  Union,
  Facts,
  Settled,
  Answer,
  Split,
  Resolve,
  Review,
]);
export type LinkMessage = Static<typeof LinkMessage>;

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
