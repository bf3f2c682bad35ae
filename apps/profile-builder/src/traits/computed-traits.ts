import {
  computeTrait,
  knownOf,
  mergeKnown,
  type Aggregate,
  type ComputedValue,
  type FoldedAggregate,
} from '@tributary/audiences';
import { parseScopedKey } from '@tributary/kernel';
import { attachedIdentifiers, fitting, type ProfileFragments } from '@tributary/profiles';
import { toTraitInForce, type TraitInForce } from './traits-in-force.js';

/** What the computed traits of one profile come to at an instant. */
export interface ComputedTraitsOf {
  /** By key, in the order of the keys. */
  readonly values: Readonly<Record<string, ComputedValue>>;
  /** The first later instant at which time alone may change one of them. */
  readonly changesAt: number | undefined;
  readonly isTruncated: boolean;
}

/** The computed traits by which a partition answers, and how far its profiles are gone through for them. Plain JSON. */
export interface TraitsState {
  /** `workspaceId/key` → the text that answers. */
  readonly answering: Readonly<Record<string, string>>;
  /** Present while profiles are gone through: of these workspaces, behind this stored key. */
  readonly scan?: { readonly workspaces: readonly string[]; readonly cursor: string };
}

export const NO_TRAITS: TraitsState = { answering: {} };

/** Bytes of JSON that the computed traits of a profile take at most: the first by their keys. */
const MAX_COMPUTED_BYTES = 64 * 1024;

/** Computes the traits that answer, in a partition. */
export class ComputedTraits {
  #state: TraitsState;
  #byWorkspace = new Map<string, TraitInForce[]>();
  #facts = new Set<string>();

  constructor(state: TraitsState) {
    this.#state = state;
    this.#index();
  }

  get state(): TraitsState {
    return this.#state;
  }

  /**
   * Takes up what is in force and known: a new or changed trait answers from then on; until then the one before it does. One
   * that is removed answers no more. Says whether profiles are to be gone through.
   */
  redefine(inForce: ReadonlyMap<string, TraitInForce>, isKnown: (trait: TraitInForce) => boolean): boolean {
    const before = this.#state.answering;
    const answering: Record<string, string> = {};
    for (const [key, trait] of inForce) {
      const query = before[key] === trait.query || isKnown(trait) ? trait.query : before[key];
      if (query !== undefined) answering[key] = query;
    }
    const changed = [...new Set([...Object.keys(before), ...Object.keys(answering)])].filter(
      (key) => before[key] !== answering[key],
    );
    if (changed.length === 0) return false;
    this.#state = { ...this.#state, answering };
    this.#index();
    this.#scanFor(changed.map((key) => parseScopedKey(key).workspaceId));
    return true;
  }

  /** Goes through all profiles anew, as after a disk was lost, and the instants with it at which traits change. */
  scanAll(): void {
    this.#scanFor([...this.#byWorkspace.keys()]);
  }

  /** Profiles have been gone through up to a stored key; all of them unless given. */
  scanned(cursor: string | undefined): void {
    const { answering, scan } = this.#state;
    this.#state = scan && cursor !== undefined ? { answering, scan: { ...scan, cursor } } : { answering };
  }

  /** Whether a workspace has any. */
  has(workspaceId: string): boolean {
    return this.#byWorkspace.has(workspaceId);
  }

  /** Whether a trait of a workspace depends on a fact. */
  isRead(workspaceId: string, fact: string): boolean {
    return this.#facts.has(`${workspaceId} ${fact}`);
  }

  /** Every trait of a workspace at an instant. */
  of(workspaceId: string, fragments: ProfileFragments, at: number): ComputedTraitsOf {
    const traits = this.#byWorkspace.get(workspaceId);
    if (!traits) return NOTHING;
    const attached = attachedIdentifiers(fragments);
    let changesAt = Infinity;
    let isTruncated = false;
    const values: (readonly [string, ComputedValue])[] = [];
    const known = (aggregate: Aggregate) => {
      const facts = attached.flatMap((id) => fragments[id]?.[`aggregate/${aggregate.hash}`] ?? []);
      const all = facts.map(({ value }) => knownOf(aggregate, value as FoldedAggregate));
      return all.length > 0 ? mergeKnown(aggregate, all) : undefined;
    };
    for (const { key, trait } of traits) {
      const computed = computeTrait(trait, known, at);
      if (computed.value !== undefined) values.push([key, computed.value]);
      changesAt = Math.min(changesAt, computed.changesAt ?? Infinity);
      isTruncated ||= computed.isTruncated ?? false;
    }
    const shown = fitting(values, { count: Infinity, bytes: MAX_COMPUTED_BYTES }, bytesOf);
    return {
      values: Object.fromEntries(shown.kept),
      changesAt: changesAt === Infinity ? undefined : changesAt,
      isTruncated: isTruncated || !shown.isWhole,
    };
  }

  #scanFor(workspaces: readonly string[]): void {
    if (workspaces.length === 0) return;
    const all = new Set([...(this.#state.scan?.workspaces ?? []), ...workspaces]);
    this.#state = { ...this.#state, scan: { workspaces: [...all], cursor: '' } };
  }

  #index(): void {
    this.#byWorkspace = new Map();
    this.#facts = new Set();
    const answering = Object.entries(this.#state.answering).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [scoped, query] of answering) {
      const { workspaceId, id } = parseScopedKey(scoped);
      const trait = toTraitInForce(workspaceId, id, query);
      // It was readable when it was taken up; a later version of the language may say otherwise.
      if (!trait.ok) continue;
      for (const { aggregate } of trait.value.wanted)
        this.#facts.add(`${workspaceId} aggregate/${aggregate.hash}`);
      this.#byWorkspace.set(workspaceId, [...(this.#byWorkspace.get(workspaceId) ?? []), trait.value]);
    }
  }
}

const NOTHING: ComputedTraitsOf = { values: {}, changesAt: undefined, isTruncated: false };

const bytesOf = ([key, value]: readonly [string, ComputedValue]) =>
  Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(value)) + 4;
