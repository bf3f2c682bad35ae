import type { VersionedFact } from '@tributary/profiles';
import type { Move, Touched } from './profile-state.js';
import type { Aggregate } from '@tributary/audiences';
import { causeOf } from './records.js';

/** Of a profile of which nothing changed yet. */
export function newTouched(): Touched {
  return { facts: new Set(), causes: new Map(), arrived: new Set() };
}

/** Notes a fact that changed, and what caused it; `aggregate`: what it is a state of. */
export function note(
  by: Touched,
  identifier: string,
  fact: string,
  said: VersionedFact | undefined,
  { move, aggregate }: { readonly move?: Move | undefined; readonly aggregate?: Aggregate | undefined },
): void {
  by.facts.add(fact);
  if (move && (by.moved ?? 'event') === 'event') by.moved = move;
  if (move === 'merge') by.arrived.add(identifier);
  const causedBy = said && causeOf(fact, said.value, aggregate);
  if (causedBy === undefined) return;
  by.causes.delete(fact);
  by.causes.set(fact, causedBy);
}
