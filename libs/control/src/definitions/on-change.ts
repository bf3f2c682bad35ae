import type { Statements } from '../database.js';
import type { ControlTables } from '../tables.js';
import type { Authorship } from './authorship.js';

/** A change of a definition; values are with their secrets masked. */
export interface DefinitionChange extends Authorship {
  readonly workspace: string;
  /** Name of the kind. */
  readonly kind: string;
  readonly id: string;
  /** The one that came of it. */
  readonly version: number;
  /** Absent where it was created. */
  readonly before?: object | undefined;
  /** Absent where it was removed. */
  readonly after?: object | undefined;
}

/** Is called in the transaction of each change; what it throws undoes the change. */
export type OnChange = (statements: Statements<ControlTables>, change: DefinitionChange) => Promise<void>;

/** Stands for a secret. */
export const MASK = '***';
