import type { Identifier } from './identifier.js';

/**
 * An identifier in a later generation, which began when it was erased or somebody whom it was linked with was: to identity
 * another node than before. Written with a space before and behind the number, ` 2 user_id:u1`; no namespace has one.
 * The first generation, 0, is the identifier itself.
 */
export function inGeneration(base: Identifier, generation: number): Identifier {
  return generation === 0 ? base : (` ${generation} ${base}` as Identifier);
}

/** The identifier that customers know. */
export function baseOf(id: Identifier): Identifier {
  return id.startsWith(' ') ? (id.slice(id.indexOf(' ', 1) + 1) as Identifier) : id;
}

/** Which generation of an identifier it is, from 0. */
export function generationOf(id: Identifier): number {
  return id.startsWith(' ') ? Number(id.slice(1, id.indexOf(' ', 1))) : 0;
}
