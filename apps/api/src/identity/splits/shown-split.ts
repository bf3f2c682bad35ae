import type { SplitMessage } from '@tributary/contracts';
import type { StoredSplit } from './kafka.split-catalog.js';

/** A split as the API shows it; `SplitDto` describes it. */
export interface ShownSplit extends Omit<SplitMessage, 'workspaceId'> {
  readonly version: number;
}

export function toShown({ value, version }: StoredSplit): ShownSplit {
  const { workspaceId: _workspaceId, ...split } = value;
  return { ...split, version };
}
