import Type, { type Static } from 'typebox';
import { IdentifierText, Instant, WorkspaceId } from './common.js';

const Offset = Type.Integer({ minimum: 0 });
const Millis = Type.Integer({ description: 'milliseconds since 1970' });
const Pair = Type.Tuple([IdentifierText, IdentifierText]);
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
const Verdict = Type.Object({
  kind: Type.Literal('verdict'),
  ...address,
  end: IdentifierText,
  other: IdentifierText,
  eligible: Type.Boolean(),
  firstSeen: Millis,
  endFirstSeen: Millis,
  version: Offset,
});

/** A link as its owner joined it from both verdicts; `firstSeen` also of both ends, in the order of `pair`. */
export const LinkFact = Type.Object({
  pair: Pair,
  eligible: Type.Boolean(),
  firstSeen: Millis,
  endsFirstSeen: Type.Tuple([Millis, Millis]),
  version: Offset,
});
export type LinkFact = Static<typeof LinkFact>;

const Union = Type.Object({ kind: Type.Literal('union'), ...address, other: IdentifierText });

/** Facts on their way to the root; a hand-over comes in parts, `open` until the last. */
const Facts = Type.Object({
  kind: Type.Literal('facts'),
  ...address,
  from: IdentifierText,
  facts: Type.Array(LinkFact),
  open: Type.Boolean(),
});

/** A link that its owner refused: it is answered, and joins nothing. */
const Settled = Type.Object({ kind: Type.Literal('settled'), ...address, partner: IdentifierText });

/** The root's word on an identifier's profile; `at` is an offset in the root's partition of this log. */
const Answer = Type.Object({
  kind: Type.Literal('answer'),
  ...address,
  root: IdentifierText,
  at: Offset,
  first: IdentifierText,
  reason: Type.String(),
  answered: Type.Array(IdentifierText),
});

/** What identity's partitions say to one another; every message concerns the state of `to` alone. */
export const LinkMessage = Type.Union([Seen, Met, Verdict, Union, Facts, Settled, Answer]);
export type LinkMessage = Static<typeof LinkMessage>;

export const AssignmentMessage = Type.Object({
  workspaceId: WorkspaceId,
  identifier: IdentifierText,
  profileId: Type.String(),
  version: Offset,
  reason: Type.String(),
  formerly: Type.Array(Type.String()),
  resolvedThrough: Type.Object({ partition: Type.Integer(), offset: Type.Integer({ minimum: -1 }) }),
  at: Instant,
});
export type AssignmentMessage = Static<typeof AssignmentMessage>;
