import { wantedBy } from '../src/aggregate.js';
import { compileAggregate, type MatchableEvent } from '../src/aggregate-matching.js';
import {
  beginAggregate,
  foldOccurrence,
  knownOf,
  type FoldedAggregate,
} from '../src/aggregates/folded-aggregate.js';
import { compileValue } from '../src/aggregates/typed-aggregate.js';
import type { AudienceDefinition } from '../src/definition.js';
import type { Facts, TraitFact } from '../src/facts.js';

/** An event of a person, and when it was. */
export interface Happened extends MatchableEvent {
  readonly id: string;
  readonly time: number;
}

/** Generated traits are plain objects: what every object has is no trait. */
export function traitOf(known: Readonly<Record<string, TraitFact>>, name: string): TraitFact | undefined {
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

/** What a fragment that all events came to knows of what a definition reads; `kept`: with this bound. */
export function factsOf(
  definition: AudienceDefinition,
  events: readonly Happened[],
  known: Readonly<Record<string, TraitFact>> = {},
  { kept, profileId = 'p' }: { readonly kept?: number; readonly profileId?: string } = {},
): Facts {
  const states = new Map<string, FoldedAggregate>();
  for (const { aggregate, bound: wanted } of wantedBy(definition)) {
    const [matches, valueOf] = [compileAggregate(aggregate), compileValue(aggregate)];
    for (const event of events) {
      if (!matches(event)) continue;
      const state = states.get(aggregate.hash) ?? beginAggregate(1, kept ?? wanted);
      const occurrence = { ...event, receivedAt: event.time, sequence: 0, value: valueOf(event) };
      states.set(aggregate.hash, foldOccurrence(aggregate, state, occurrence));
    }
  }
  return {
    profileId,
    known: (aggregate) => {
      const state = states.get(aggregate.hash);
      return state && knownOf(aggregate, state);
    },
    trait: (name) => traitOf(known, name),
  };
}
