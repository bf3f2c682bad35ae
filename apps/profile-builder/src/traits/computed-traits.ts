import {
  computeTrait,
  knownOf,
  mergeKnown,
  type Aggregate,
  type ComputedValue,
  type FoldedAggregate,
  type KnownAggregates,
  type WantedAggregate,
} from '@tributary/audiences';
import { parseScopedKey } from '@tributary/kernel';
import { KnownHere, type KnownFrom } from '@tributary/processing';
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
  readonly from: KnownFrom;
  /** Present while profiles are gone through: of these workspaces, behind this stored key. */
  readonly scan?: { readonly workspaces: readonly string[]; readonly cursor: string };
}

export const NO_TRAITS: TraitsState = { answering: {}, from: {} };

/** In a scan: what is of any workspace. No workspace is called so. */
const EVERYWHERE = '*';
const NO_AGGREGATES: readonly WantedAggregate[] = [];

/** Bytes of JSON that the computed traits of a profile take at most: the first by their keys. */
const MAX_COMPUTED_BYTES = 64 * 1024;

/** Computes the traits that answer, in a partition. */
export class ComputedTraits {
  readonly #known: KnownHere;
  #state: TraitsState;
  /** Those that are in force, by `workspaceId/key`. */
  #inForce: ReadonlyMap<string, TraitInForce> = new Map();
  /** Those of them that do not answer yet. */
  #waiting: readonly (readonly [string, TraitInForce])[] = [];
  #byWorkspace = new Map<string, TraitInForce[]>();
  #wanted = new Map<string, readonly WantedAggregate[]>();
  #facts = new Set<string>();

  constructor(
    private readonly here: ConstructorParameters<typeof KnownHere>[0],
    state: TraitsState,
  ) {
    this.#state = state;
    this.#known = new KnownHere(here, state.from);
    this.#index();
  }

  get state(): TraitsState {
    return this.#state;
  }

  /** Looks at what is in force and known now; {@link take} then takes up what has been read. */
  async look(inForce: ReadonlyMap<string, TraitInForce>): Promise<void> {
    this.#inForce = inForce;
    this.#waiting = this.#unanswered();
    const awaited = this.#waiting.map(([key, { workspaceId, wanted, query }]) => {
      return [nameOf(key, query), { workspaceId, aggregates: wanted }] as const;
    });
    if (await this.#known.look(new Map(awaited))) this.#state = { ...this.#state, from: this.#known.from };
  }

  /** Whether a trait in force does not answer yet. */
  isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether one of them is known to who has read the partition of fragments up to this offset. */
  isDue(reached: number): boolean {
    return this.#waiting.some(([key, trait]) => this.#isKnown(key, trait, reached));
  }

  /**
   * Takes up what is in force and known to who has read so far: a new or changed trait answers from then on; until then the
   * one before it does. One that is removed answers no more. Where there is any, profiles are to be gone through.
   */
  take(reached: number): void {
    const before = this.#state.answering;
    const answering: Record<string, string> = {};
    for (const [key, trait] of this.#inForce) {
      const isTaken = before[key] === trait.query || this.#isKnown(key, trait, reached);
      const query = isTaken ? trait.query : before[key];
      if (query !== undefined) answering[key] = query;
    }
    const changed = [...new Set([...Object.keys(before), ...Object.keys(answering)])].filter(
      (key) => before[key] !== answering[key],
    );
    if (changed.length === 0) return;
    this.#state = { ...this.#state, answering };
    this.#waiting = this.#unanswered();
    this.#index();
    this.#scanFor(changed.map((key) => parseScopedKey(key).workspaceId));
  }

  /** Goes through all profiles anew, as after a disk was lost, and the instants with it at which traits change. */
  scanAll(): void {
    this.#scanFor([...this.#byWorkspace.keys()]);
  }

  /** Goes through what there is in every workspace, those without traits too. */
  scanEverywhere(): void {
    this.#scanFor([EVERYWHERE]);
  }

  /** Whether what is of a workspace is gone through. */
  isScanned(workspaceId: string): boolean {
    const { workspaces = [] } = this.#state.scan ?? {};
    return workspaces.includes(workspaceId) || workspaces.includes(EVERYWHERE);
  }

  /** Profiles have been gone through up to a stored key; all of them unless given. */
  scanned(cursor: string | undefined): void {
    const { scan, ...others } = this.#state;
    this.#state = scan && cursor !== undefined ? { ...others, scan: { ...scan, cursor } } : others;
  }

  /** Whether a workspace has any. */
  has(workspaceId: string): boolean {
    return this.#byWorkspace.has(workspaceId);
  }

  /** Whether a trait of a workspace depends on a fact. */
  isRead(workspaceId: string, fact: string): boolean {
    return this.#facts.has(`${workspaceId} ${fact}`);
  }

  /** What the traits of a workspace that answer are computed from: of each aggregate the greatest bound. */
  wantedIn(workspaceId: string): readonly WantedAggregate[] {
    return this.#wanted.get(workspaceId) ?? NO_AGGREGATES;
  }

  /** Every trait of a workspace of a person at an instant. */
  of(workspaceId: string, fragments: ProfileFragments, at: number): ComputedTraitsOf {
    if (!this.has(workspaceId)) return NOTHING;
    const attached = attachedIdentifiers(fragments);
    const known = (aggregate: Aggregate) => {
      const facts = attached.flatMap((id) => fragments[id]?.[`aggregate/${aggregate.hash}`] ?? []);
      const all = facts.map(({ value }) => knownOf(aggregate, value as FoldedAggregate));
      return all.length > 0 ? mergeKnown(aggregate, all) : undefined;
    };
    return this.by(workspaceId, known, at);
  }

  /** Every trait of a workspace at an instant, by what is known of the aggregates. */
  by(workspaceId: string, known: KnownAggregates, at: number): ComputedTraitsOf {
    const traits = this.#byWorkspace.get(workspaceId);
    if (!traits) return NOTHING;
    let changesAt = Infinity;
    let isTruncated = false;
    const values: (readonly [string, ComputedValue])[] = [];
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

  #unanswered(): readonly (readonly [string, TraitInForce])[] {
    return [...this.#inForce].filter(([key, { query }]) => this.#state.answering[key] !== query);
  }

  #isKnown(key: string, { workspaceId, wanted, query }: TraitInForce, reached: number): boolean {
    // What was known when it was looked at may be known no more: nobody had asked for it in a while.
    return this.#known.isKnown(nameOf(key, query), reached) && this.here.known.isKnown(workspaceId, wanted);
  }

  #scanFor(workspaces: readonly string[]): void {
    if (workspaces.length === 0) return;
    const all = new Set([...(this.#state.scan?.workspaces ?? []), ...workspaces]);
    this.#state = { ...this.#state, scan: { workspaces: [...all], cursor: '' } };
  }

  #index(): void {
    this.#byWorkspace = new Map();
    this.#wanted = new Map();
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
    for (const [workspaceId, traits] of this.#byWorkspace)
      this.#wanted.set(workspaceId, greatestOf(traits.flatMap(({ wanted }) => wanted)));
  }
}

/** Each aggregate once, with the greatest bound, in the order of their hashes. */
function greatestOf(all: readonly WantedAggregate[]): readonly WantedAggregate[] {
  const greatest = new Map<string, WantedAggregate>();
  for (const one of all) {
    const { hash } = one.aggregate;
    if (one.bound >= (greatest.get(hash)?.bound ?? 0)) greatest.set(hash, one);
  }
  return [...greatest.values()].sort((a, b) => (a.aggregate.hash < b.aggregate.hash ? -1 : 1));
}

function nameOf(key: string, query: string): string {
  return `${key} ${query}`;
}

const NOTHING: ComputedTraitsOf = { values: {}, changesAt: undefined, isTruncated: false };

const bytesOf = ([key, value]: readonly [string, ComputedValue]) =>
  Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(value)) + 4;
