import { baseOf, compareByDigest, namespaceOf, type Identifier } from '@tributary/kernel';
import { compareOrders, orderOf, pairKey, type Link, type LinkOrder, type Pair } from './link.js';
import type { IdentityRules } from './rules.js';

/** Why two identifiers that may join were not joined: what the profile of both would have broken. */
export type LinkRefusal =
  | { readonly rule: 'limit'; readonly namespace: string }
  | { readonly rule: 'members' }
  | { readonly rule: 'split'; readonly split: Pair }
  | { readonly rule: 'beyond_bound' };

/** The identifiers of one profile so far. */
export interface Group {
  /** Names the profile: the first seen, then by namespace, then by digest. */
  first: Identifier;
  readonly members: Identifier[];
  readonly counts: Map<string, number>;
  /** Those of the members that are to be kept apart from somebody. */
  readonly split: Identifier[];
}

/**
 * Who is one person, of the links of one component: joins them earliest first, and refuses what would break a limit
 * or bring together two that are to be kept apart. No order of arrival enters. A link that sorts after all others is
 * decided by one union; for any other change the component is resolved anew.
 */
export class Resolution {
  /** By the key of the pair. */
  readonly refused = new Map<string, LinkRefusal>();
  readonly #groups = new Map<Identifier, Group>();
  readonly #firstSeen = new Map<Identifier, number>();
  readonly #apart = new Map<Identifier, Identifier[]>();
  #last: LinkOrder | undefined;

  private constructor(
    private readonly rules: IdentityRules,
    apart: Iterable<Pair>,
  ) {
    for (const [a, b] of apart) {
      this.#keepApart(baseOf(a), baseOf(b));
      this.#keepApart(baseOf(b), baseOf(a));
    }
  }

  /** Of all links of a component, as they are. */
  static of(links: Iterable<Link>, rules: IdentityRules, apart: Iterable<Pair> = []): Resolution {
    const resolution = new Resolution(rules, apart);
    const eligible: Link[] = [];
    for (const link of links) {
      resolution.#meet(link);
      if (link.eligible) eligible.push(link);
    }
    for (const { link, order } of inOrder(eligible, rules)) resolution.#decide(link, order);
    return resolution;
  }

  /** By identifier, those of links that are not eligible too. */
  get groups(): ReadonlyMap<Identifier, Group> {
    return this.#groups;
  }

  /**
   * Takes links in that were not there before, where all sort after those that were. Answers with those whose profile
   * may be another now; undefined where the links do not sort so, and nothing has changed then.
   */
  append(links: readonly Link[]): ReadonlySet<Identifier> | undefined {
    const ordered = inOrder(
      links.filter(({ eligible }) => eligible),
      this.rules,
    );
    const [earliest] = ordered;
    if (this.#last && earliest && compareOrders(earliest.order, this.#last) <= 0) return undefined;
    const touched = new Set<Identifier>();
    for (const link of links) for (const z of this.#meet(link)) touched.add(z);
    for (const { link, order } of ordered) for (const z of this.#decide(link, order)) touched.add(z);
    return touched;
  }

  /** Learns of a link's ends, and answers with the members of groups whose name that changed. */
  #meet({ pair, endsFirstSeen }: Link): readonly Identifier[] {
    const renamed: Identifier[] = [];
    for (const i of [0, 1] as const) {
      const [z, at] = [pair[i], endsFirstSeen[i]];
      const known = this.#firstSeen.get(z);
      if (known !== undefined && known <= at) continue;
      this.#firstSeen.set(z, at);
      const group = this.#groups.get(z);
      if (!group) {
        const split = this.#apart.has(baseOf(z)) ? [z] : [];
        this.#groups.set(z, {
          first: z,
          members: [z],
          counts: new Map([[namespaceOf(baseOf(z)), 1]]),
          split,
        });
      } else if (group.first !== z && this.#isBefore(z, group.first)) {
        group.first = z;
        renamed.push(...group.members);
      }
    }
    return renamed;
  }

  /** Answers with those whose profile has another name now. */
  #decide({ pair }: Link, order: LinkOrder): readonly Identifier[] {
    this.#last = order;
    const [a, b] = [this.#groups.get(pair[0]), this.#groups.get(pair[1])];
    if (!a || !b || a === b) return [];
    const refusal = this.#refusalOf(a, b);
    if (!refusal) return this.#join(a, b);
    this.refused.set(pairKey(pair), refusal);
    return [];
  }

  #refusalOf(a: Group, b: Group): LinkRefusal | undefined {
    if (a.members.length + b.members.length > this.rules.bounds.members) return { rule: 'members' };
    for (const [namespace, count] of a.counts) {
      if (count + (b.counts.get(namespace) ?? 0) > this.rules.ruleOf(namespace).limit) {
        return { rule: 'limit', namespace };
      }
    }
    const [fewer, more] = a.split.length <= b.split.length ? [a, b] : [b, a];
    for (const z of fewer.split) {
      const others = this.#apart.get(baseOf(z)) ?? [];
      const from = more.split.find((other) => others.includes(baseOf(other)));
      if (from) return { rule: 'split', split: [z, from] };
    }
    return undefined;
  }

  #join(a: Group, b: Group): readonly Identifier[] {
    const [large, small] = a.members.length >= b.members.length ? [a, b] : [b, a];
    const isRenamed = this.#isBefore(small.first, large.first);
    const renamed = isRenamed ? [...large.members] : small.members;
    if (isRenamed) large.first = small.first;
    for (const z of small.members) {
      large.members.push(z);
      this.#groups.set(z, large);
    }
    large.split.push(...small.split);
    for (const [namespace, count] of small.counts) {
      large.counts.set(namespace, count + (large.counts.get(namespace) ?? 0));
    }
    return renamed;
  }

  #isBefore(a: Identifier, b: Identifier): boolean {
    const priority = (z: Identifier) => this.rules.ruleOf(namespaceOf(baseOf(z))).priority;
    const order =
      (this.#firstSeen.get(a) ?? Infinity) - (this.#firstSeen.get(b) ?? Infinity) ||
      priority(a) - priority(b) ||
      compareByDigest(baseOf(a), baseOf(b));
    return order < 0;
  }

  #keepApart(a: Identifier, b: Identifier): void {
    const others = this.#apart.get(a);
    if (others) others.push(b);
    else this.#apart.set(a, [b]);
  }
}

function inOrder(links: readonly Link[], rules: IdentityRules) {
  return links
    .map((link) => ({ link, order: orderOf(link, rules) }))
    .sort((a, b) => compareOrders(a.order, b.order));
}
