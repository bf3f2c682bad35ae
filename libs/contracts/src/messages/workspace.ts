import Type, { type Static } from 'typebox';
import { Instant, WorkspaceId } from './common.js';

/** What a workspace may use at most; what is absent is as the settings say. */
export const WorkspaceQuotas = Type.Object(
  {
    eventsPerSecond: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'events a second that the collector takes, of all its sources',
      }),
    ),
    sources: Type.Optional(Type.Integer({ minimum: 0, description: 'sources in force' })),
    audiences: Type.Optional(Type.Integer({ minimum: 0, description: 'audiences in force' })),
    traits: Type.Optional(Type.Integer({ minimum: 0, description: 'computed traits in force' })),
    traitRules: Type.Optional(Type.Integer({ minimum: 0, description: 'rules of traits in force' })),
    splits: Type.Optional(
      Type.Integer({ minimum: 0, description: 'splits, those that were lifted among them' }),
    ),
  },
  { description: 'at most so many; what is absent is as the settings say' },
);
export type WorkspaceQuotas = Static<typeof WorkspaceQuotas>;

/** A workspace of the installation. It is a definition of the installation's own workspace, whose id is `workspaceId`. */
export const WorkspaceMessage = Type.Object({
  workspaceId: WorkspaceId,
  id: WorkspaceId,
  name: Type.String({ minLength: 1, examples: ['Acme'] }),
  enabled: Type.Boolean(),
  quotas: WorkspaceQuotas,
  createdAt: Instant,
  updatedAt: Instant,
});
export type WorkspaceMessage = Static<typeof WorkspaceMessage>;
