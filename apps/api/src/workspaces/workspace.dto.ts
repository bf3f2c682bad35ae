import { WorkspaceMessage } from '@tributary/contracts';
import Type from 'typebox';
import { versionOf } from '../control/versions.dto.js';
import { dto, nullable, parameters, type Value } from '../http/dto.js';
import { nameOf, VERSION, WHEN } from '../http/members.js';
import { pageDto } from '../http/page.dto.js';

const { quotas } = WorkspaceMessage.properties;

const ID = { id: Type.String({ minLength: 1, maxLength: 200, examples: ['acme'] }) };

export const WorkspaceVersion = parameters(versionOf(ID));
export type WorkspaceVersion = Value<typeof WorkspaceVersion>;

export const WorkspaceId = parameters(ID);
export type WorkspaceId = Value<typeof WorkspaceId>;

/** Of one that is made; the id of the settings may be another. */
export const WORKSPACE_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const WorkspaceBody = dto('WorkspaceBody', {
  name: nameOf('Acme'),
  enabled: Type.Boolean({
    default: true,
    description: 'false: its events are refused, and its tokens and users too',
  }),
  quotas: { ...quotas, default: {} },
});
export type WorkspaceBody = Value<typeof WorkspaceBody>;

export const WORKSPACE_EXAMPLES = {
  quotas: {
    summary: 'A workspace with quotas of its own',
    value: { name: 'Acme', quotas: { eventsPerSecond: 2_000, sources: 20, audiences: 50 } },
  },
};

const COUNT = Type.Integer({ minimum: 0 });
const members = {
  id: Type.String(),
  name: Type.String(),
  enabled: Type.Boolean(),
  quotas,
  limits: Type.Object(
    {
      eventsPerSecond: COUNT,
      sources: COUNT,
      audiences: COUNT,
      traits: COUNT,
      traitRules: COUNT,
      splits: COUNT,
    },
    { description: 'the quotas in force: its own, and those of the settings' },
  ),
  version: VERSION,
  createdAt: WHEN,
  updatedAt: WHEN,
};

export const WorkspaceDto = dto('WorkspaceDto', {
  ...members,
  used: Type.Object({
    eventsPerSecond: nullable(
      Type.Number(),
      'accepted, in the last minute as far as the tables have come; null: ClickHouse does not answer',
    ),
    sources: COUNT,
    audiences: COUNT,
    traits: COUNT,
    traitRules: COUNT,
    splits: COUNT,
  }),
});
export type ShownWorkspace = Value<typeof WorkspaceDto>;

export const ListedWorkspaceDto = dto('ListedWorkspaceDto', members);
export type ListedWorkspace = Value<typeof ListedWorkspaceDto>;

export const WorkspacePageDto = pageDto('WorkspacePageDto', ListedWorkspaceDto);
