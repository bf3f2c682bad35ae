import type { KnownAggregates } from './computed/compute.js';

/** A trait's value, and when it took it: null since it was removed. */
export interface TraitFact {
  readonly value: unknown;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What is known of a person. */
export interface Facts {
  readonly profileId: string;
  /** What is known of an aggregate, of all fragments together; undefined where nothing matched yet. */
  readonly known: KnownAggregates;
  /** undefined where the trait was never set. */
  trait(name: string): TraitFact | undefined;
}
