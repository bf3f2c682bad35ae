import type { RateLimit } from './source-registry.port.js';

/** Knows what workspaces may send. Asked at each request, so it answers from memory. */
export interface Workspaces {
  /** True of one that is not known yet: its events are not lost over it. */
  isEnabled(workspaceId: string): boolean;
  /** What all its sources may send together; absent: as much as comes. */
  rateOf(workspaceId: string): RateLimit | undefined;
}

export const WORKSPACES = Symbol('WORKSPACES');

/** Where nobody has set any bounds. */
export const UNBOUNDED: Workspaces = { isEnabled: () => true, rateOf: () => undefined };
