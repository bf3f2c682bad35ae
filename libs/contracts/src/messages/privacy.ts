import Type, { type Static } from 'typebox';
import { Instant, WorkspaceId } from './common.js';

/** An identifier of which no event is taken any more, by its digest: see {@link digestOfIdentifier}. */
export const SuppressionMessage = Type.Object({
  workspaceId: WorkspaceId,
  digest: Type.String({ pattern: '^[0-9a-f]{32}$', examples: ['0c6fb1c6cf7e2f1a9d3c5b7e8f901234'] }),
  createdAt: Instant,
});
export type SuppressionMessage = Static<typeof SuppressionMessage>;
