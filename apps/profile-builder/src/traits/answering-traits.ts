import {
  computeTrait,
  knownOfAll,
  mergedTrait,
  type Computation,
  type ComputedValue,
  type FoldedAggregate,
  type KnownAggregates,
  type WantedAggregate,
} from '@tributary/audiences';
import { parseScopedKey } from '@tributary/kernel';
import { aggregateFacts, fitting, type ProfileFragments, type RuledTrait } from '@tributary/profiles';
import { mergedName, toMergeInForce, type MergeInForce } from './merges-in-force.js';
import { scoreBy, type AnsweringBorders } from './scores.js';
import {
  isScoreInForce,
  toTraitInForce,
  type AnyTraitInForce,
  type TraitInForce,
} from './traits-in-force.js';

/** What the computed traits of one profile come to at an instant, and its traits that have a rule. */
export interface ComputedTraitsOf {
  /** By key, in the order of the keys. */
  readonly values: Readonly<Record<string, ComputedValue>>;
  /** The first later instant at which time alone may change one of them. */
  readonly changesAt: number | undefined;
  readonly isTruncated: boolean;
  /** By name. */
  readonly merged: ReadonlyMap<string, RuledTrait>;
}

/** Bytes of JSON that the computed traits of a profile take at most: the first by their keys. */
const MAX_COMPUTED_BYTES = 64 * 1024;
const NO_AGGREGATES: readonly WantedAggregate[] = [];

/** The traits that answer, by their texts: what they are computed from, and what they come to. */
export class AnsweringTraits {
  readonly #byWorkspace = new Map<string, TraitInForce[]>();
  readonly #merges = new Map<string, MergeInForce[]>();
  readonly #wanted = new Map<string, readonly WantedAggregate[]>();
  readonly #facts = new Set<string>();
  /** By workspace: `workspaceId/key`, and the key. */
  readonly #scoresIn = new Map<string, (readonly [string, string])[]>();
  /** Those that answer where they have borders: `workspaceId/key`. */
  readonly scores = new Set<string>();

  /** Of `workspaceId/key` → text. */
  constructor(answering: Readonly<Record<string, string>>) {
    const all = Object.entries(answering).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [scoped, query] of all) this.#add(scoped, query);
    for (const [workspaceId, traits] of this.#byWorkspace)
      this.#wanted.set(workspaceId, greatestOf(traits.flatMap(({ wanted }) => wanted)));
  }

  /** The workspaces that have any. */
  get workspaces(): readonly string[] {
    return [...this.#byWorkspace.keys(), ...this.#merges.keys()];
  }

  /** Whether a workspace has any that time may change. */
  has(workspaceId: string): boolean {
    return this.#byWorkspace.has(workspaceId);
  }

  /** Whether a trait of a workspace depends on a fact. */
  isRead(workspaceId: string, fact: string): boolean {
    return this.#facts.has(`${workspaceId} ${fact}`);
  }

  /** What the traits of a workspace are computed from: of each aggregate the greatest bound. */
  wantedIn(workspaceId: string): readonly WantedAggregate[] {
    return this.#wanted.get(workspaceId) ?? NO_AGGREGATES;
  }

  /** Every trait of a workspace of a person at an instant. */
  of(
    workspaceId: string,
    fragments: ProfileFragments,
    at: number,
    borders: AnsweringBorders | undefined,
  ): ComputedTraitsOf {
    return this.has(workspaceId) || this.#merges.has(workspaceId)
      ? this.by(workspaceId, knownIn(fragments), at, borders)
      : NOTHING;
  }

  /** Every trait of a workspace at an instant, by what is known of the aggregates. */
  by(
    workspaceId: string,
    known: KnownAggregates,
    at: number,
    borders: AnsweringBorders | undefined,
  ): ComputedTraitsOf {
    const merges = this.#merges.get(workspaceId) ?? [];
    const computed = this.computed(workspaceId, known, at);
    let changesAt = Infinity;
    let isTruncated = false;
    const values: (readonly [string, ComputedValue])[] = [];
    for (const [key, one] of computed) {
      if (one.value !== undefined) values.push([key, one.value]);
      changesAt = Math.min(changesAt, one.changesAt ?? Infinity);
      isTruncated ||= one.isTruncated ?? false;
    }
    for (const [scoped, key] of this.#scoresIn.get(workspaceId) ?? []) {
      const by = borders?.[scoped];
      const score = by && scoreBy(by, computed);
      if (score !== undefined) values.push([key, score]);
    }
    values.sort(([a], [b]) => (a < b ? -1 : 1));
    const merged = merges.map(({ name, strategy }) => [name, mergedTrait(name, strategy, known)] as const);
    const shown = fitting(values, { count: Infinity, bytes: MAX_COMPUTED_BYTES }, bytesOf);
    return {
      values: Object.fromEntries(shown.kept),
      changesAt: changesAt === Infinity ? undefined : changesAt,
      isTruncated: isTruncated || !shown.isWhole,
      merged: new Map(merged),
    };
  }

  /** By key, what is computed from events. */
  computed(workspaceId: string, known: KnownAggregates, at: number): ReadonlyMap<string, Computation> {
    const traits = this.#byWorkspace.get(workspaceId) ?? [];
    return new Map(traits.map(({ key, trait }) => [key, computeTrait(trait, known, at)]));
  }

  #add(scoped: string, query: string): void {
    const { workspaceId, id } = parseScopedKey(scoped);
    const name = mergedName(id);
    if (name !== undefined) {
      this.#addMerge(toMergeInForce(workspaceId, name, query));
      return;
    }
    const trait = toTraitInForce(workspaceId, id, query);
    // It was readable when it was taken up; a later version of the language may say otherwise.
    if (!trait.ok) return;
    if (isScoreInForce(trait.value)) {
      this.scores.add(scoped);
      this.#scoresIn.set(workspaceId, [...(this.#scoresIn.get(workspaceId) ?? []), [scoped, id]]);
      return;
    }
    this.#addFacts(trait.value);
    this.#byWorkspace.set(workspaceId, [...(this.#byWorkspace.get(workspaceId) ?? []), trait.value]);
  }

  #addMerge(merge: MergeInForce): void {
    const { workspaceId, wanted } = merge;
    // By the latest it is as it is without a rule.
    if (wanted.length === 0) return;
    this.#addFacts(merge);
    this.#merges.set(workspaceId, [...(this.#merges.get(workspaceId) ?? []), merge]);
  }

  #addFacts({ workspaceId, wanted }: AnyTraitInForce): void {
    for (const { aggregate } of wanted) this.#facts.add(`${workspaceId} aggregate/${aggregate.hash}`);
  }
}

/** What the identifiers of a profile know of an aggregate, together. */
export function knownIn(fragments: ProfileFragments): KnownAggregates {
  return (aggregate) =>
    knownOfAll(aggregate, aggregateFacts(fragments, aggregate.hash) as readonly FoldedAggregate[]);
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

/** Of a workspace without traits. */
export const NOTHING: ComputedTraitsOf = {
  values: {},
  changesAt: undefined,
  isTruncated: false,
  merged: new Map(),
};

const bytesOf = ([key, value]: readonly [string, ComputedValue]) =>
  Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(value)) + 4;
