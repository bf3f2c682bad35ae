import type { NormaliserOf } from '@tributary/events';

/** How identifiers are written by the rules in force. Asked at each request, so it answers from memory. */
export interface Normalisers {
  readonly normaliserOf: NormaliserOf;
}

export const NORMALISERS = Symbol('NORMALISERS');
