/** What a fragment and a profile hold at most. What is beyond is left out, and the profile says so (`truncated`). */
export const BOUNDS = {
  /** Names of an identifier's traits, and their bytes (`traitBytes`): the first by its log. */
  fragmentTraits: 1_000,
  fragmentTraitBytes: 176 * 1024,
  /** Others that were on an event with an identifier: the first by its log. */
  partners: 250,
  /** Accounts that its group calls named: the first by its log. */
  fragmentAccounts: 100,
  /** Accounts that a profile belongs to: those since when it does the longest. */
  profileAccounts: 20,
  /** Of the traits of those attached: the first by name. */
  profileTraits: 1_000,
  profileTraitBytes: 176 * 1024,
  /** The first that were seen, and their bytes (`identifierBytes`). Together with the traits: 256 KB of a profile. */
  profileIdentifiers: 1_000,
  profileIdentifierBytes: 80 * 1024,
} as const;

/** What a profile does not show whole. */
export type Truncated = 'traits' | 'identifiers' | 'groups' | 'computed';

/** What a trait's time, source and message take beside its name and value. */
const PROVENANCE_BYTES = 150;
const SEEN_BYTES = 80;

/** The bytes that a trait counts for: name and value as JSON in UTF-8, and 150 for where it came from. */
export function traitBytes(name: string, value: unknown): number {
  return Buffer.byteLength(name) + Buffer.byteLength(JSON.stringify(value)) + PROVENANCE_BYTES;
}

/** The bytes that an identifier counts for: itself, and 80 for when it was seen. */
export function identifierBytes(id: string): number {
  return Buffer.byteLength(id) + SEEN_BYTES;
}

/** As many as fit, in their order: one that does not is passed over, and those behind it may. */
export function fitting<T>(
  all: Iterable<T>,
  bounds: { readonly count: number; readonly bytes: number },
  bytesOf: (one: T) => number,
): { readonly kept: readonly T[]; readonly isWhole: boolean } {
  const kept: T[] = [];
  let bytes = 0;
  let isWhole = true;
  for (const one of all) {
    const size = bytesOf(one);
    if (kept.length >= bounds.count || bytes + size > bounds.bytes) {
      isWhole = false;
      continue;
    }
    bytes += size;
    kept.push(one);
  }
  return { kept, isWhole };
}
