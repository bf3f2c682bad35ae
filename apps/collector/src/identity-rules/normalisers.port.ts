import type { NormaliserOf } from '@tributary/events';

/** How identifiers are written by the rules of a workspace in force. Asked at each request, so it answers from memory. */
export interface Normalisers {
  of(workspaceId: string): NormaliserOf;
}

export const NORMALISERS = Symbol('NORMALISERS');
