import { TOPICS, type WorkspaceMessage } from '@tributary/contracts';
import type { Definition, DefinitionKind } from '@tributary/control';

/** Workspaces, by their ids: definitions of the installation's own workspace. */
export const WORKSPACES: DefinitionKind<WorkspaceMessage> = {
  name: 'workspace',
  topic: TOPICS.workspaces,
};

export type StoredWorkspace = Definition<WorkspaceMessage>;
