import Type, { type Static } from 'typebox';
import { IdentifierText, JsonObject, WorkspaceId } from './common.js';

const Offset = Type.Integer({ minimum: 0 });
const Entry = Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]));

/** Entries in the order of their kind, and up to where all of them are there. */
const AggregatePart = Type.Object({
  entries: Type.Array(Entry),
  limit: Type.Optional(Type.Union([Type.Literal('last'), Entry])),
});

/** The value of a fact `aggregate/<hash>`: what is known live, and of what was before. */
export const AggregateFactValue = Type.Object({
  generation: Offset,
  bound: Offset,
  live: AggregatePart,
  base: Type.Optional(
    Type.Object({
      version: Type.Integer({ minimum: -1 }),
      isWhole: Type.Boolean(),
      part: AggregatePart,
    }),
  ),
});

/**
 * An aggregate as one partition of the event log folds it: its present generation counts the events of that partition from
 * `offset` on, and what `since` has been folded without a gap, in however many generations. `known`: all that was before is
 * in as well, as far as this bound needs it; absent where no seeds are in. A null record: it is folded no more.
 */
export const ActiveAggregateMessage = Type.Object({
  workspaceId: WorkspaceId,
  aggregate: Type.String({ minLength: 1 }),
  definition: JsonObject,
  partition: Type.Integer({ minimum: 0 }),
  generation: Offset,
  bound: Offset,
  offset: Offset,
  since: Offset,
  known: Type.Optional(Offset),
});
export type ActiveAggregateMessage = Static<typeof ActiveAggregateMessage>;

/** What the events of an identifier before a generation's activation offset come to. The offset of the record is its version. */
export const SeedMessage = Type.Object({
  workspaceId: WorkspaceId,
  identifier: IdentifierText,
  aggregate: Type.String({ minLength: 1 }),
  kind: Type.Enum(['latest', 'earliest', 'total', 'tiles', 'values', 'value_tiles', 'trait']),
  /** Of `total` and `tiles` of texts; of `trait`, which call is kept. */
  as: Type.Optional(Type.Enum(['text', 'earliest', 'non_empty', 'max', 'min'])),
  generation: Offset,
  part: AggregatePart,
});
export type SeedMessage = Static<typeof SeedMessage>;

/** The seeds of a generation of an aggregate are in: all those of this partition are in front of this record. */
export const SeededMessage = Type.Object({
  workspaceId: WorkspaceId,
  aggregate: Type.String({ minLength: 1 }),
  partition: Type.Integer({ minimum: 0 }),
  generation: Offset,
});
export type SeededMessage = Static<typeof SeededMessage>;
