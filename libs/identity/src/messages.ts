import type { Identifier } from '@tributary/kernel';
import type { Link } from './resolve.js';
import type { Sighting } from './sightings.js';

/** A link with the version that its owner gave it: an offset in the owner's log. */
export interface LinkFact extends Link {
  readonly version: number;
}

/** What identifiers say to one another. Each message changes the state of `to` alone. */
export type Message =
  | Sighting
  | {
      readonly kind: 'verdict';
      readonly to: Identifier;
      readonly end: Identifier;
      readonly other: Identifier;
      readonly eligible: boolean;
      readonly firstSeen: number;
      readonly endFirstSeen: number;
      readonly version: number;
    }
  | { readonly kind: 'union'; readonly to: Identifier; readonly other: Identifier }
  | {
      readonly kind: 'facts';
      readonly to: Identifier;
      readonly from: Identifier;
      readonly facts: readonly LinkFact[];
      /** More of this hand-over follows: the root says nothing before its last part. */
      readonly open: boolean;
    }
  | { readonly kind: 'settled'; readonly to: Identifier; readonly partner: Identifier }
  | {
      readonly kind: 'answer';
      readonly to: Identifier;
      readonly root: Identifier;
      readonly at: number;
      readonly first: Identifier;
      readonly reason: string;
      readonly answered: readonly Identifier[];
    };
