import type { SourceMessage } from '@tributary/contracts';
import type { StoredSource } from './source-catalog.port.js';

/** A source as the API shows it; `SourceDto` describes it. */
export interface ShownSource extends Omit<SourceMessage, 'workspaceId'> {
  readonly version: number;
}

export function toShownSource({ value, version }: StoredSource): ShownSource {
  const { workspaceId: _workspaceId, createdAt, updatedAt, ...source } = value;
  return { ...source, version, createdAt, updatedAt };
}
