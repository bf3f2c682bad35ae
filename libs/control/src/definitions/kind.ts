import type { Topic } from '@tributary/contracts';
import { createHash } from 'node:crypto';

/** One kind of definitions: sources, audiences and the like. `T` is the value, as its topic has it. */
export interface DefinitionKind<T extends object> {
  /** In the database; never changes. */
  readonly name: string;
  /** Where services follow it; its first schema is that of the values. */
  readonly topic: Topic;
  /** What only one definition of the kind in force may have, in all workspaces, such as write keys. */
  claims?(value: T): readonly string[];
  /** The value with each of its secrets changed: they lie encrypted in the database. */
  withSecrets?(value: T, change: (secret: string) => string): T;
  /** Changes of one wait for changes of all whose kinds have the same word here, since a decision looks at others. */
  readonly serial?: string;
  /** Why a value that a topic held cannot be in force; undefined where it can. */
  faultOf?(value: T): string | undefined;
}

/** A kind whatever its value. */
export type AnyKind = DefinitionKind<object>;

const LONGEST_KEY = 500;

/** Stands for an id in indexes, which take no text of any length. */
export function keyOf(id: string): string {
  return Buffer.byteLength(id) <= LONGEST_KEY ? id : digestOf(id);
}

/** Stands for a claim, which may be a secret. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
