import { baseOf, compareByDigest, namespaceOf, type Identifier } from '@tributary/kernel';
import { eligibilityOfPartners, type EndRefusal } from './eligibility.js';
import { bytesOf } from './link.js';
import type { ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';

/** The unblocked partners of one namespace: how many, and the earliest of them, in order. */
interface Rank {
  count: number;
  readonly eligible: Identifier[];
}

/**
 * The eligibility of all partners of one identifier, kept beside its state: a partner that is new costs the same however
 * many there are.
 */
export class EligibilityIndex {
  readonly #refusals: Map<Identifier, EndRefusal | undefined>;
  readonly #ranks = new Map<string, Rank>();
  #isSupernode = false;
  #text = 0;

  constructor(
    private readonly me: Identifier,
    private readonly state: ResolverState,
    private readonly rules: IdentityRules,
  ) {
    const seen = new Map<Identifier, number>();
    for (const [partner, { at }] of Object.entries(state.partners)) {
      if (at !== undefined) seen.set(partner as Identifier, at);
    }
    this.#refusals = new Map(
      state.tooManyPartners
        ? [...seen.keys()].map((p) => [p, 'too_many_partners'])
        : eligibilityOfPartners(me, seen, rules),
    );
    for (const [partner, refusal] of this.#refusals) {
      this.#text += bytesOf(baseOf(partner));
      if (refusal === 'supernode') this.#isSupernode = true;
      if (refusal === 'blocked') continue;
      const rank = this.#rankOf(namespaceOf(baseOf(partner)));
      rank.count += 1;
      if (refusal === undefined) rank.eligible.push(partner);
    }
    for (const { eligible } of this.#ranks.values()) eligible.sort((a, b) => this.#compare(a, b));
  }

  /** How many partners there are. */
  get size(): number {
    return this.#refusals.size;
  }

  /** Whether it has met more others than are kept. */
  get isTooMany(): boolean {
    const { partners, partnerText } = this.rules.bounds;
    return this.size > partners || this.#text > partnerText;
  }

  /** Every partner that has occurred. */
  get partners(): Iterable<Identifier> {
    return this.#refusals.keys();
  }

  /** Those through whom it may join. */
  get eligible(): readonly Identifier[] {
    return [...this.#ranks.values()].flatMap(({ eligible }) => eligible);
  }

  refusalOf(partner: Identifier): EndRefusal | undefined {
    return this.#refusals.get(partner);
  }

  /**
   * Takes in a partner that is in the state and was not here. Answers with the partners whose eligibility changed,
   * itself first; undefined where all have to be decided anew, and nothing has changed then.
   */
  add(partner: Identifier): readonly Identifier[] | undefined {
    const { rules } = this;
    this.#text += bytesOf(baseOf(partner));
    if (this.size >= rules.bounds.partners || this.#text > rules.bounds.partnerText) return undefined;
    if (rules.isBlocked(this.me) || rules.isBlocked(partner)) return this.#put('blocked', partner);
    const namespace = namespaceOf(baseOf(partner));
    const { limit, supernode } = rules.ruleOf(namespace);
    const rank = this.#rankOf(namespace);
    if (!this.#isSupernode && rank.count >= supernode) return undefined;
    rank.count += 1;
    if (this.#isSupernode) return this.#put('supernode', partner);
    const { eligible } = rank;
    const last = eligible.at(-1);
    if (last !== undefined && eligible.length >= limit && this.#compare(partner, last) > 0) {
      return this.#put('limit', partner);
    }
    const displaced = eligible.length >= limit ? eligible.pop() : undefined;
    this.#insert(eligible, partner);
    if (displaced === undefined) return [partner];
    this.#refusals.set(displaced, 'limit');
    return [partner, displaced];
  }

  /** A partner that is here was first seen earlier. Answers with the partners of whom there is something else to say. */
  advance(partner: Identifier): readonly Identifier[] {
    const refusal = this.#refusals.get(partner);
    const { eligible } = this.#rankOf(namespaceOf(baseOf(partner)));
    if (refusal === undefined) {
      eligible.splice(eligible.indexOf(partner), 1);
      this.#insert(eligible, partner);
      return [partner];
    }
    const last = eligible.at(-1);
    if (refusal !== 'limit' || (last !== undefined && this.#compare(partner, last) > 0)) return [partner];
    const displaced = eligible.pop();
    this.#insert(eligible, partner);
    if (displaced === undefined) return [partner];
    this.#refusals.set(displaced, 'limit');
    return [partner, displaced];
  }

  #insert(eligible: Identifier[], partner: Identifier): void {
    let [low, high] = [0, eligible.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = eligible[middle];
      if (other !== undefined && this.#compare(other, partner) < 0) low = middle + 1;
      else high = middle;
    }
    eligible.splice(low, 0, partner);
    this.#refusals.set(partner, undefined);
  }

  #put(refusal: EndRefusal, partner: Identifier): readonly Identifier[] {
    this.#refusals.set(partner, refusal);
    return [partner];
  }

  #rankOf(namespace: string): Rank {
    let rank = this.#ranks.get(namespace);
    if (!rank) this.#ranks.set(namespace, (rank = { count: 0, eligible: [] }));
    return rank;
  }

  #compare(a: Identifier, b: Identifier): number {
    const at = (partner: Identifier) => this.state.partners[partner]?.at ?? Infinity;
    return at(a) - at(b) || compareByDigest(baseOf(a), baseOf(b));
  }
}
