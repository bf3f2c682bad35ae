import type { Identifier } from '@tributary/kernel';
import { pairKey } from './link.js';

/** What an event's primary identifier remembers of what it has already published, so as not to repeat it. */
export interface ObservationsState {
  firstSeen: number;
  /** By the key of the pair, the smallest time published; a memory of what need not be repeated, bounded. */
  pairs: Record<string, number>;
}

/** News of who occurred together, for one identifier. */
export type Observation =
  | { readonly kind: 'met'; readonly to: Identifier; readonly firstSeen: number }
  | {
      readonly kind: 'seen';
      readonly to: Identifier;
      readonly partner: Identifier;
      readonly firstSeen: number;
      readonly through?: number;
    };

const REMEMBERED_PAIRS = 2_000;

/**
 * What an event says of who belongs together: all pairs of its identifiers, published to both ends, unless the primary
 * (first) identifier has published the same or an earlier time. `offset` is the event's, in the primary's partition.
 */
export function observationsOf(
  before: ObservationsState | undefined,
  identifiers: readonly Identifier[],
  receivedAt: number,
  offset: number,
): { readonly state: ObservationsState; readonly observations: readonly Observation[] } {
  const state = before ?? { firstSeen: Infinity, pairs: {} };
  const observations: Observation[] = [];
  const [primary] = identifiers;
  if (!primary) return { state, observations };
  for (const [i, a] of identifiers.entries()) {
    for (const b of identifiers.slice(i + 1)) {
      const key = pairKey([a, b]);
      const published = state.pairs[key];
      if (published !== undefined && published <= receivedAt) continue;
      if (published !== undefined || Object.keys(state.pairs).length < REMEMBERED_PAIRS)
        state.pairs[key] = receivedAt;
      const isNews = i === 0 && published === undefined;
      observations.push(
        { kind: 'seen', to: a, partner: b, firstSeen: receivedAt, ...(isNews ? { through: offset } : {}) },
        { kind: 'seen', to: b, partner: a, firstSeen: receivedAt },
      );
    }
  }
  if (receivedAt < state.firstSeen) {
    state.firstSeen = receivedAt;
    if (!observations.some(({ to }) => to === primary))
      observations.push({ kind: 'met', to: primary, firstSeen: receivedAt });
  }
  return { state, observations };
}
