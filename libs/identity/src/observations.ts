import { compareByDigest, digest, type Identifier } from '@tributary/kernel';
import type { EndRefusal } from './eligibility.js';

/** What an event's primary identifier remembers of what it has already published, so as not to repeat it. */
export interface ObservationsState {
  firstSeen: number;
  /** By the digests of the pair, the smallest time published; a memory of what need not be repeated, bounded. */
  pairs: Record<string, number>;
}

/** An {@link Eligibility} between two of `ids`, by their places: end, other, first seen, the end first seen, version, refusal. */
export type PassedEligibility = readonly [number, number, number, number, number, EndRefusal?];

/** A link between two of `ids` that joins them, by their places: the owner first; first seen of the link, and of both; version. */
export type PassedLink = readonly [number, number, number, number, number, number];

/**
 * Identifiers that occurred together on an event. It goes from one to the next of them, the smallest by digest first, and
 * takes along what those before said: the greater end of each link hears both sides of it at once.
 */
export interface Seen {
  readonly kind: 'seen';
  readonly to: Identifier;
  /** In the order of digests. */
  readonly ids: readonly Identifier[];
  readonly firstSeen: number;
  /** Where the event brought its primary identifier a partner: that one's place, and the offset of the event. */
  readonly news?: readonly [number, number];
  /** Of those before `to`, on those from `to` on. */
  readonly said: readonly PassedEligibility[];
  /** Links that those before agreed on, for the leaders that they are of; the last of `ids` sends them there. */
  readonly links: readonly { readonly to: Identifier; readonly links: readonly PassedLink[] }[];
  /** Of those whom it joins somebody was joined to others before: more comes by another way. */
  readonly bringsMore?: true;
}

/** News of who occurred together. */
export type Observation =
  Seen | { readonly kind: 'met'; readonly to: Identifier; readonly firstSeen: number };

/** What follows from an event: a state that is another where `isChanged`, and what is to be published. */
export interface Observed {
  readonly state: ObservationsState;
  readonly isChanged: boolean;
  readonly observation?: Observation;
}

const REMEMBERED_PAIRS = 1_000;

/**
 * What an event says of who belongs together: nothing where its primary (first) identifier has published the same pairs of
 * its identifiers with the same or an earlier time, and the state stays untouched. `offset` is the event's, in the
 * primary's partition. Changes the state in place, which holds at most 1,000 pairs, some 40 KB.
 */
export function observationsOf(
  before: ObservationsState | undefined,
  identifiers: readonly Identifier[],
  receivedAt: number,
  offset: number,
): Observed {
  const state = before ?? { firstSeen: Infinity, pairs: {} };
  const [primary] = identifiers;
  if (!primary) return { state, isChanged: false };
  const isEarlier = receivedAt < state.firstSeen;
  if (isEarlier) state.firstSeen = receivedAt;
  const { isNews, isNewToPrimary, isRemembered } = remember(state, identifiers, receivedAt);
  const isChanged = isEarlier || isRemembered;
  if (!isNews)
    return {
      ...{ state, isChanged },
      ...(isEarlier && { observation: { kind: 'met', to: primary, firstSeen: receivedAt } }),
    };
  const ids = [...identifiers].sort(compareByDigest);
  const observation: Seen = {
    kind: 'seen',
    to: ids[0] ?? primary,
    ids,
    firstSeen: receivedAt,
    ...(isNewToPrimary && { news: [ids.indexOf(primary), offset] }),
    said: [],
    links: [],
  };
  return { state, isChanged, observation };
}

function remember(state: ObservationsState, identifiers: readonly Identifier[], receivedAt: number) {
  let [isNews, isNewToPrimary, isRemembered] = [false, false, false];
  let room = -1;
  for (const [i, a] of identifiers.entries()) {
    for (const b of identifiers.slice(i + 1)) {
      const key = digestOf(a, b);
      const published = state.pairs[key];
      if (published !== undefined && published <= receivedAt) continue;
      isNews = true;
      if (i === 0 && published === undefined) isNewToPrimary = true;
      if (room < 0) room = REMEMBERED_PAIRS - Object.keys(state.pairs).length;
      if (published === undefined && room <= 0) continue;
      if (published === undefined) room -= 1;
      state.pairs[key] = receivedAt;
      isRemembered = true;
    }
  }
  return { isNews, isNewToPrimary, isRemembered };
}

/** What stands for an identifier in the memory of pairs: 12 hexadecimal digits. */
export function markOf(id: Identifier): string {
  return digest(id).slice(0, MARK);
}

/** An identifier was erased: its pairs are published anew with the next event. Answers whether there was one. */
export function forgetMarked({ pairs }: ObservationsState, mark: string): boolean {
  const keys = Object.keys(pairs).filter((key) => key.slice(0, MARK) === mark || key.slice(MARK) === mark);
  for (const key of keys) Reflect.deleteProperty(pairs, key);
  return keys.length > 0;
}

const MARK = 12;

/** Of a pair in any order, in 24 characters, of which no two among a thousand pairs are the same. */
function digestOf(a: Identifier, b: Identifier): string {
  const [x, y] = [markOf(a), markOf(b)];
  return x < y ? x + y : y + x;
}
