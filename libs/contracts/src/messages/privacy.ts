import Type, { type Static } from 'typebox';
import { IdentifierText, Instant, WorkspaceId } from './common.js';

/** An identifier of which no event is taken any more, by its digest: see {@link digestOfIdentifier}. */
export const SuppressionMessage = Type.Object({
  workspaceId: WorkspaceId,
  digest: Type.String({ pattern: '^[0-9a-f]{32}$', examples: ['0c6fb1c6cf7e2f1a9d3c5b7e8f901234'] }),
  createdAt: Instant,
});
export type SuppressionMessage = Static<typeof SuppressionMessage>;

/**
 * What was received of an identifier is forgotten: all events of it that lie before this record in its partition of
 * `events.v1`, and those behind it that were received at `until` or before. The header `until` says the same.
 */
export const ErasureMessage = Type.Object({
  workspaceId: WorkspaceId,
  identifier: IdentifierText,
  until: Instant,
  requestId: Type.String({ minLength: 1 }),
});
export type ErasureMessage = Static<typeof ErasureMessage>;

/** The schema of an erasure among the events. */
export const ERASURE = 'erasure@1';

/** So long whoever folds events remembers an erasure: what comes later than that of before it counts again. */
export const ERASURES_REMEMBERED_MS = 30 * 86_400_000;

/** Whether a record of `events.v1` is an erasure and no event. */
export function isErasure({ headers }: { readonly headers: Readonly<Record<string, string>> }): boolean {
  return headers.schema === ERASURE;
}
