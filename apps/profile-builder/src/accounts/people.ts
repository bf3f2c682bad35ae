import { mergeKnownWithin, type KnownAggregate, type WantedAggregate } from '@tributary/audiences';
import type { KeyedState } from '@tributary/state';
import { peopleOf, type AccountsState, type FoldedPeople, type PersonState } from './account-state.js';

/** People that one part of an account folds: the first, by the id of their profile, which is a digest. */
export const PEOPLE_OF_PART = 40;
/** To look for the people of a part costs as much as to merge so many: all that changed lately is looked through. */
const PART_COST = 8;
const DIGITS = Array.from({ length: 16 }, (_, digit) => digit.toString(16));
/** The bytes that an entry of an aggregate takes in memory, about. */
const ENTRY_BYTES = 100;

type Merged = Omit<FoldedPeople, 'of'>;

/** The people of an account that has more than one part, as far as they are merged. */
interface Merging {
  readonly of: string;
  /** By the first two digits of their profiles. */
  readonly parts: Map<string, Merged>;
  /** By the first one. */
  readonly rows: Map<string, Merged>;
}

interface Sized {
  readonly merging: Merging;
  readonly bytes: number;
}

/**
 * Merges the people of accounts: 256 parts by the first digits of the profiles, so that a change of one costs one part, and
 * no step takes more than it is given. Which people count depends on who they are, not on when they came.
 */
export class People {
  /** Of what was used lately the last. */
  readonly #merged = new Map<string, Sized>();
  #bytes = 0;
  /** The account that is under way: not in the cache, which may be too small for it. */
  #current: { readonly account: string; readonly merging: Merging } | undefined;

  constructor(
    private readonly state: KeyedState<AccountsState>,
    private readonly cacheBytes: number,
  ) {}

  /** A person of the account has changed, come or gone. */
  changed(account: string, profileId: string): void {
    const merging = this.#find(account);
    merging?.parts.delete(profileId.slice(0, 2));
    merging?.rows.delete(profileId.slice(0, 1));
  }

  /** The people of an account in the order of their profiles, behind one of them. */
  page(account: string, after: string, limit: number): readonly PersonState[] {
    const all = peopleOf(account);
    const found = this.state.page(`${all}${after}`, limit);
    return found.flatMap(({ key, state }) => (key.startsWith(all) ? [state as PersonState] : []));
  }

  /** All people of an account that are one part. */
  foldSmall(account: string, wanted: readonly WantedAggregate[]): FoldedPeople {
    return { of: nameOf(wanted), ...merge(wanted, this.page(account, '', PEOPLE_OF_PART)) };
  }

  /**
   * All people of an account, or undefined where reading so many did not suffice: it goes on with the next call. One account is
   * under way at a time.
   */
  foldLarge(account: string, wanted: readonly WantedAggregate[], most: number): FoldedPeople | undefined {
    const of = nameOf(wanted);
    const known = this.#find(account);
    const merging = known?.of === of ? known : { of, parts: new Map(), rows: new Map() };
    this.#current = { account, merging };
    let left = most;
    for (const row of DIGITS) {
      if (merging.rows.has(row)) continue;
      for (const digit of DIGITS) {
        const part = row + digit;
        if (merging.parts.has(part)) continue;
        if (left <= 0) return undefined;
        const people = this.#peopleIn(account, part);
        left -= people.length + PART_COST;
        const isTruncated = people.length > PEOPLE_OF_PART;
        merging.parts.set(part, { ...merge(wanted, people.slice(0, PEOPLE_OF_PART)), isTruncated });
      }
      const parts = mergedOf(merging.parts, row);
      merging.rows.set(row, merge(wanted, parts));
      left -= parts.length;
    }
    const all = merge(wanted, mergedOf(merging.rows, ''));
    this.#current = undefined;
    this.#keep(account, merging);
    return { of, ...all };
  }

  /** One more than count shows that there are more. */
  #peopleIn(account: string, part: string): readonly PersonState[] {
    const prefix = `${peopleOf(account)}${part}`;
    const found = this.state.page(prefix, PEOPLE_OF_PART + 1);
    return found.flatMap(({ key, state }) => (key.startsWith(prefix) ? [state as PersonState] : []));
  }

  #find(account: string): Merging | undefined {
    return this.#current?.account === account ? this.#current.merging : this.#merged.get(account)?.merging;
  }

  #keep(account: string, merging: Merging): void {
    this.#drop(account);
    const bytes = sizeOf(merging);
    this.#merged.set(account, { merging, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#merged.keys()) {
      if (this.#bytes <= this.cacheBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(account: string): void {
    this.#bytes -= this.#merged.get(account)?.bytes ?? 0;
    this.#merged.delete(account);
  }
}

/** The sixteen below a part of the ids. */
function mergedOf(all: ReadonlyMap<string, Merged>, prefix: string): readonly Merged[] {
  return DIGITS.map((digit) => all.get(prefix + digit)).filter((one) => one !== undefined);
}

/** Names what is asked for. */
export function nameOf(wanted: readonly WantedAggregate[]): string {
  return wanted.map(({ aggregate, bound }) => `${aggregate.hash}:${bound}`).join(' ');
}

function merge(wanted: readonly WantedAggregate[], all: readonly (Merged | PersonState)[]): Merged {
  const merged = wanted.flatMap(({ aggregate, bound }): (readonly [string, KnownAggregate])[] => {
    const known = all.flatMap(({ aggregates }) => aggregates[aggregate.hash] ?? []);
    return known.length > 0 ? [[aggregate.hash, mergeKnownWithin(aggregate, bound, known)]] : [];
  });
  const isTruncated = all.some((one) => 'isTruncated' in one && one.isTruncated);
  return { aggregates: Object.fromEntries(merged), isTruncated };
}

function sizeOf({ parts, rows }: Merging): number {
  let entries = 1;
  for (const { aggregates } of [...parts.values(), ...rows.values()]) {
    for (const { part } of Object.values(aggregates)) entries += part.entries.length + 1;
  }
  return entries * ENTRY_BYTES;
}
