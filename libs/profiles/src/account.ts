import { isLater, type TraitFact } from './fragment.js';
import { BOUNDS, traitBytes } from './bounds.js';

/** The parts of a group call that an account is folded from; times in milliseconds since 1970. */
export interface AccountCall {
  readonly at: number;
  readonly receivedAt: number;
  readonly sequence: number;
  readonly messageId: string;
  readonly sourceId: string;
  readonly traits: Readonly<Record<string, unknown>>;
}

/** A trait as the latest call has it, and the most bytes that it ever took (`traitBytes`). */
export interface AccountTrait extends TraitFact {
  readonly bytes: number;
}

/** What the group calls of an account say. Plain JSON. */
export interface AccountFacts {
  /** When the first and the last of them was. */
  readonly first: number;
  readonly last: number;
  /** In the order of their names. */
  readonly traits: readonly (readonly [name: string, trait: AccountTrait])[];
  /** Traits of this name and of those behind it have no room; absent where all have. */
  readonly truncatedAt?: string;
}

/**
 * Takes a call in: in any order and however often, the same. A trait is that of the latest call; null says that it is gone.
 * Traits have room in the order of their names, each with the most bytes that it ever took, up to the first that has none:
 * so what has no room has none in any order. Gives back the same object where nothing changed.
 */
export function foldAccountCall(facts: AccountFacts | undefined, call: AccountCall): AccountFacts {
  const before = facts ?? { first: Infinity, last: -Infinity, traits: [] };
  const first = Math.min(before.first, call.at);
  const last = Math.max(before.last, call.at);
  const taken = takeTraits(before, call);
  if (facts && !taken && first === before.first && last === before.last) return facts;
  return { ...before, ...taken, first, last };
}

/** The traits and where they end, or undefined where nothing of them changed. */
function takeTraits(
  { traits, truncatedAt }: AccountFacts,
  { traits: said, ...call }: AccountCall,
): Pick<AccountFacts, 'traits' | 'truncatedAt'> | undefined {
  const known = new Map(traits);
  let isChanged = false;
  for (const [name, value] of Object.entries(said)) {
    if (truncatedAt !== undefined && name >= truncatedAt) continue;
    const trait: TraitFact = { value, ...call };
    const before = known.get(name);
    const bytes = Math.max(before?.bytes ?? 0, traitBytes(name, value));
    const latest = !before || isAfter(trait, before) ? trait : before;
    if (latest === before && bytes === before.bytes) continue;
    known.set(name, { ...latest, bytes });
    isChanged = true;
  }
  if (!isChanged) return undefined;
  return fittingTraits(
    [...known].sort(([a], [b]) => (a < b ? -1 : 1)),
    truncatedAt,
  );
}

/** Two calls of one place in the order differ in the value alone. */
function isAfter(a: TraitFact, b: TraitFact): boolean {
  if (isLater(a, b)) return true;
  return !isLater(b, a) && JSON.stringify([a.value, a.sourceId]) > JSON.stringify([b.value, b.sourceId]);
}

function fittingTraits(
  sorted: AccountFacts['traits'],
  truncatedAt: string | undefined,
): Pick<AccountFacts, 'traits' | 'truncatedAt'> {
  let sum = 0;
  const end = sorted.findIndex(([, { bytes }], i) => {
    sum += bytes;
    return i >= BOUNDS.profileTraits || sum > BOUNDS.profileTraitBytes;
  });
  const beyond = sorted[end]?.[0] ?? truncatedAt;
  return {
    traits: end < 0 ? sorted : sorted.slice(0, end),
    ...(beyond !== undefined && { truncatedAt: beyond }),
  };
}
