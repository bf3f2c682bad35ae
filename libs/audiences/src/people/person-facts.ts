import { traitNamesOf, wantedBy } from '../aggregate.js';
import { compileAggregate, traitIn, type EventTest, type MatchableEvent } from '../aggregate-matching.js';
import type { Occurring } from '../aggregates/aggregate-kinds.js';
import {
  beginAggregate,
  foldOccurrence,
  knownOf,
  mergeKnown,
  type FoldedAggregate,
  type KnownAggregate,
} from '../aggregates/folded-aggregate.js';
import { latestOf } from '../aggregates/read-aggregate.js';
import { compileValue, MAX_BOUND, type Aggregate } from '../aggregates/typed-aggregate.js';
import type { AudienceDefinition } from '../definition.js';
import type { Facts, TraitFact } from '../facts.js';
import { aggregatesOfMerge, mergedTrait, strategyOf, type Merges } from '../merges/merge-strategy.js';
import { compareText } from '../values.js';

/** An event of a person. Times in milliseconds since 1970. */
export interface PersonEvent extends MatchableEvent, Omit<Occurring, 'value'> {
  readonly messageId: string;
}

interface Folding {
  readonly aggregate: Aggregate;
  readonly matches: EventTest;
  readonly valueOf: (event: MatchableEvent) => unknown;
  state: FoldedAggregate;
}

/** What calls sent of a trait last. */
interface Sent extends TraitFact {
  readonly event: PersonEvent;
}

/**
 * What a definition reads of one person, folded from all of the person's events as the stream folds them, whatever their
 * order. Each row of the log is taken once; an id that comes through two identifiers may be taken twice. As much is held as
 * the stream holds of an identifier.
 */
export class PersonFacts implements Facts {
  readonly #foldings = new Map<string, Folding>();
  readonly #traits = new Map<string, Sent | undefined>();
  readonly #merges: Merges;
  /** Of the events whose id is not their messageId. */
  #messageIds = new Map<string, string>();
  #count = 0;

  constructor(
    definition: AudienceDefinition,
    readonly profileId: string,
    merges: Merges = {},
  ) {
    this.#merges = merges;
    for (const { aggregate, bound } of wantedBy(definition))
      this.#begin(aggregate, aggregate.kind === 'latest' ? MAX_BOUND.latest : bound);
    for (const name of traitNamesOf(definition)) {
      const strategy = strategyOf(merges, name);
      if (strategy === 'latest') this.#traits.set(name, undefined);
      for (const { aggregate, bound } of aggregatesOfMerge(name, strategy)) this.#begin(aggregate, bound);
    }
  }

  /** How many events were taken. */
  get count(): number {
    return this.#count;
  }

  take(event: PersonEvent): void {
    this.#count += 1;
    if (event.id !== event.messageId) this.#remember(event);
    for (const folding of this.#foldings.values()) {
      if (!folding.matches(event)) continue;
      const occurring = { ...event, value: folding.valueOf(event) };
      folding.state = foldOccurrence(folding.aggregate, folding.state, occurring);
    }
    for (const [name, before] of this.#traits) {
      const value = traitIn(event, name);
      if (value === undefined || (before && !isLater(event, before.event))) continue;
      this.#traits.set(name, { value, at: event.time, event });
    }
  }

  /** What is known of an aggregate; undefined where the definition does not read it. */
  readonly known = ({ hash }: Pick<Aggregate, 'hash'>): KnownAggregate | undefined => {
    const folding = this.#foldings.get(hash);
    return folding && knownIn(folding);
  };

  trait(name: string): TraitFact | undefined {
    const strategy = strategyOf(this.#merges, name);
    if (strategy === 'latest') return this.#traits.get(name);
    return mergedTrait(name, strategy, this.known).fact;
  }

  /** The messageId of an event that {@link known} names by its id. */
  messageIdOf(id: string): string {
    return this.#messageIds.get(id) ?? id;
  }

  #remember({ id, messageId }: PersonEvent): void {
    this.#messageIds.set(id, messageId);
    const latest = [...this.#foldings.values()].filter(({ aggregate }) => aggregate.kind === 'latest');
    // Twice as many as are kept: ids are dropped many at a time, not one by one.
    if (this.#messageIds.size <= 2 * latest.length * MAX_BOUND.latest) return;
    const kept = new Set(latest.flatMap((folding) => latestOf(knownIn(folding)).map(([, of]) => of)));
    this.#messageIds = new Map([...this.#messageIds].filter(([of]) => of === id || kept.has(of)));
  }

  #begin(aggregate: Aggregate, bound: number): void {
    const state = beginAggregate(0, bound, { isNew: true });
    this.#foldings.set(aggregate.hash, {
      ...{ aggregate, state },
      ...{ matches: compileAggregate(aggregate), valueOf: compileValue(aggregate) },
    });
  }
}

function knownIn({ aggregate, state }: Folding): KnownAggregate {
  return mergeKnown(aggregate, [knownOf(aggregate, state)]);
}

/** By event time, then in the order in which the collector received them, then by messageId. */
function isLater(a: PersonEvent, b: PersonEvent): boolean {
  const order = a.time - b.time || a.receivedAt - b.receivedAt || a.sequence - b.sequence;
  return (order || compareText(a.messageId, b.messageId)) > 0;
}
