import Type, { type Static } from 'typebox';
import { IdentifierText, Instant, JsonObject, WorkspaceId } from './common.js';

const Part = Type.Integer({ minimum: -1 });

/**
 * The version of the assignment by which the identifier came to this profile (-1: it was born there), the event offset (-1
 * in `@attached`), and the offset of the last seed of the identifier, where there was one. The event decides, then the
 * assignment, then the seed.
 */
export const FactVersion = Type.Union([Type.Tuple([Part, Part]), Type.Tuple([Part, Part, Part])]);
export type FactVersion = Static<typeof FactVersion>;

/**
 * A whole group of absolute facts that one identifier knows, as published to one profile: `@attached`, `@seen` and
 * `identifier/<namespace:value>`; or all `trait/<name>`; or all `account/group_id:<groupId>`; or one `aggregate/<hash>`. A null record removes the group; so
 * does `@attached` that says it is not, of the facts beside it.
 */
export const FragmentMessage = Type.Object({
  workspaceId: WorkspaceId,
  profileId: Type.String(),
  identifier: IdentifierText,
  facts: Type.Record(Type.String(), Type.Object({ version: FactVersion, value: Type.Unknown() })),
});
export type FragmentMessage = Static<typeof FragmentMessage>;

export const ProfileMessage = Type.Object({
  workspaceId: WorkspaceId,
  profileId: Type.String(),
  version: Type.Integer({ minimum: 0 }),
  at: Instant,
  traits: JsonObject,
  traitSources: Type.Record(
    Type.String(),
    Type.Object({ at: Instant, sourceId: Type.String(), messageId: Type.String() }),
  ),
  identifiers: Type.Array(
    Type.Object({
      namespace: Type.String(),
      value: Type.String(),
      firstSeenAt: Instant,
      lastSeenAt: Instant,
    }),
  ),
  computed: JsonObject,
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  eventCount: Type.Integer({ minimum: 0 }),
  groups: Type.Optional(
    Type.Array(Type.Object({ groupId: Type.String(), since: Instant }), {
      description: 'the accounts that the person belongs to, and since when; absent where there are none',
    }),
  ),
  truncated: Type.Optional(
    Type.Array(Type.Enum(['traits', 'identifiers', 'groups', 'computed']), {
      description: 'what there is more of than a profile holds; absent where nothing is',
    }),
  ),
});
export type ProfileMessage = Static<typeof ProfileMessage>;

export const MergedProfileMessage = Type.Object({
  workspaceId: WorkspaceId,
  profileId: Type.String(),
  version: Type.Integer({ minimum: 0 }),
  at: Instant,
  mergedInto: Type.String(),
});
export type MergedProfileMessage = Static<typeof MergedProfileMessage>;

export const EmptyProfileMessage = Type.Object({
  workspaceId: WorkspaceId,
  profileId: Type.String(),
  version: Type.Integer({ minimum: 0 }),
  at: Instant,
  empty: Type.Literal(true),
});
export type EmptyProfileMessage = Static<typeof EmptyProfileMessage>;
