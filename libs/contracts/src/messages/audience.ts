import Type, { type Static } from 'typebox';
import { IdentifierText, Instant, JsonObject, WorkspaceId } from './common.js';

export const ChangeCause = Type.Enum([
  'event',
  'time',
  'merge',
  'split',
  'back-fill',
  'definition',
  'erasure',
]);
export type ChangeCause = Static<typeof ChangeCause>;

export const MembershipMessage = Type.Object({
  workspaceId: WorkspaceId,
  audienceKey: Type.String(),
  profileId: Type.String(),
  member: Type.Boolean(),
  since: Instant,
  epoch: Type.Integer({ minimum: 0 }),
  cause: ChangeCause,
  causedBy: Type.Optional(Type.String()),
  movedTo: Type.Optional(Type.String()),
  /** Names the definition in force when it was published; absent where the audience was removed. */
  definitionHash: Type.Optional(Type.String()),
  identifiers: Type.Array(IdentifierText),
});
export type MembershipMessage = Static<typeof MembershipMessage>;

/**
 * An owner takes a partition over. Without the header `epoch` it only asks for a number, in memberships: its offset is the
 * epoch with which the next ones, one in changes and then one in memberships, begin. The key begins with `@epoch/`.
 */
export const EpochMessage = Type.Object({
  workspaceId: Type.Literal('@'),
  claim: Type.String(),
  at: Instant,
});
export type EpochMessage = Static<typeof EpochMessage>;

/** How far the changes of a partition are told; what is in front of it in the log of memberships is. Its key begins with `@told/`. */
export const ToldMessage = Type.Object({
  workspaceId: Type.Literal('@'),
  /** The place of the last membership whose change is written. */
  epoch: Type.Integer({ minimum: 0 }),
  sequence: Type.Integer({ minimum: 0 }),
  /** The next offset of the partition of changes, and the number of the last change, as of the epoch in the header. */
  changesOffset: Type.Integer({ minimum: 0 }),
  changesSequence: Type.Integer({ minimum: 0 }),
});
export type ToldMessage = Static<typeof ToldMessage>;

export const AudienceChangeMessage = Type.Object({
  workspaceId: WorkspaceId,
  id: Type.String(),
  audienceKey: Type.String(),
  profileId: Type.String(),
  change: Type.Union([Type.Literal('entered'), Type.Literal('exited')]),
  at: Instant,
  cause: ChangeCause,
  causedBy: Type.Optional(Type.String()),
  movedTo: Type.Optional(Type.String()),
  identifiers: Type.Array(IdentifierText),
});
export type AudienceChangeMessage = Static<typeof AudienceChangeMessage>;

/** An audience's definition: the text as people write it, and the tree that it means. */
export const AudienceMessage = Type.Object({
  workspaceId: WorkspaceId,
  key: Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,99}$', examples: ['shoe-buyers'] }),
  name: Type.String({ minLength: 1, examples: ['Shoe buyers'] }),
  description: Type.Optional(Type.String()),
  query: Type.String({ minLength: 1 }),
  definition: JsonObject,
  createdAt: Instant,
  updatedAt: Instant,
});
export type AudienceMessage = Static<typeof AudienceMessage>;

/** Which value a trait has of those that identify calls sent. */
export const TraitRuleMessage = Type.Object({
  workspaceId: WorkspaceId,
  name: Type.String({ minLength: 1, maxLength: 200, examples: ['plan'] }),
  description: Type.Optional(Type.String()),
  merge: Type.Enum(['latest', 'earliest', 'non_empty', 'max', 'min', 'union', 'add']),
  createdAt: Instant,
  updatedAt: Instant,
});
export type TraitRuleMessage = Static<typeof TraitRuleMessage>;

/** How a trait is computed from the events of a person; the query says all of it. */
export const TraitMessage = Type.Object({
  workspaceId: WorkspaceId,
  key: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$', examples: ['revenue_30d'] }),
  name: Type.String({ minLength: 1, examples: ['Revenue of 30 days'] }),
  description: Type.Optional(Type.String()),
  query: Type.String({ minLength: 1 }),
  of: Type.Optional(
    Type.Enum(['people', 'accounts'], {
      description:
        'whose trait it is: of each person, or of each account over the events of its people; people unless given',
    }),
  ),
  createdAt: Instant,
  updatedAt: Instant,
});
export type TraitMessage = Static<typeof TraitMessage>;

const Border = Type.Union([Type.Number(), Type.String(), Type.Null()]);

/** The borders of a score: computed once a day over everybody, and what makes a score a function of the value alone. */
export const ScoreBordersMessage = Type.Object({
  workspaceId: WorkspaceId,
  key: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$', examples: ['monetary_score'] }),
  query: Type.String({ minLength: 1, examples: ["trait('revenue').score(5)"] }),
  rankedQuery: Type.String({ minLength: 1 }),
  borders: Type.Array(Border, { minItems: 1, maxItems: 99 }),
  people: Type.Integer({ minimum: 0 }),
  computedAt: Instant,
});
export type ScoreBordersMessage = Static<typeof ScoreBordersMessage>;
