import Type, { type Static } from 'typebox';
import { Instant, JsonObject, WorkspaceId } from './common.js';

/** As it was sent; the account is `group_id:<groupId>` of the workspace. */
const GroupId = Type.String({ minLength: 1, examples: ['acme'] });
const Bound = Type.Integer({ minimum: 0 });

/** What one group call says of its account. Of a trait the latest call counts, by `at`, `receivedAt`, `sequence`, `messageId`. */
export const AccountCallMessage = Type.Object({
  workspaceId: WorkspaceId,
  groupId: GroupId,
  traits: JsonObject,
  at: Instant,
  receivedAt: Instant,
  sequence: Type.Optional(Type.Integer({ minimum: 0 })),
  messageId: Type.String({ minLength: 1 }),
  sourceId: Type.String(),
});
export type AccountCallMessage = Static<typeof AccountCallMessage>;

/** What is known of an aggregate of one person: as in fragments, all of them together. */
const KnownPart = Type.Object({
  part: Type.Object({
    entries: Type.Array(Type.Array(Type.Unknown())),
    limit: Type.Optional(Type.Unknown()),
  }),
  isWhole: Type.Boolean(),
});

/**
 * Whether a profile belongs to an account as of a version, and what the aggregates of that profile come to that traits of
 * accounts are computed from: all of them, null where nothing is known. Without `since` it belongs there no more. The version
 * is how far the partition of `profile.fragments.v1` was read.
 */
export const AccountPersonMessage = Type.Object({
  workspaceId: WorkspaceId,
  groupId: GroupId,
  profileId: Type.String({ minLength: 1 }),
  version: Type.Integer({ minimum: 0 }),
  since: Type.Optional(Instant),
  aggregates: Type.Record(Type.String(), Type.Union([KnownPart, Type.Null()])),
});
export type AccountPersonMessage = Static<typeof AccountPersonMessage>;

/**
 * The aggregates of a workspace of which a partition of profiles has told its accounts all that it holds, and tells them of
 * each change: the last record of a partition of profiles counts.
 */
export const AccountsToldMessage = Type.Object({
  workspaceId: WorkspaceId,
  partition: Type.Integer({ minimum: 0 }),
  aggregates: Type.Array(Type.Object({ hash: Type.String({ minLength: 1 }), bound: Bound })),
});
export type AccountsToldMessage = Static<typeof AccountsToldMessage>;

/** An account whole. */
export const AccountMessage = Type.Object({
  workspaceId: WorkspaceId,
  groupId: GroupId,
  version: Type.Integer({ minimum: 0 }),
  at: Instant,
  traits: JsonObject,
  traitSources: Type.Record(
    Type.String(),
    Type.Object({ at: Instant, sourceId: Type.String(), messageId: Type.String() }),
  ),
  computed: JsonObject,
  peopleCount: Type.Integer({ minimum: 0 }),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  truncated: Type.Optional(
    Type.Array(Type.Enum(['traits', 'people', 'computed']), {
      description:
        'what there is more of than an account holds; people: computed traits are of a part of them. Absent where nothing is',
    }),
  ),
});
export type AccountMessage = Static<typeof AccountMessage>;
