import { digest, type Identifier } from '@tributary/kernel';
import {
  ageOf,
  compareAges,
  earliest,
  pairKey,
  partnersOf,
  textOf,
  type AgeOrder,
  type Pair,
} from './link.js';
import type { SplitFact, LinkFact, Message, Received } from './messages.js';
import { Resolution, type LinkRefusal } from './resolution.js';
import {
  emptyRecord,
  newComponent,
  type Component,
  type ComponentLink,
  type ResolverState,
} from './resolver-state.js';
import type { IdentityRules } from './rules.js';

type Handed = Extract<Received, { kind: 'facts' }>;
type Answer = Extract<Message, { kind: 'answer' }>;

/** Called for each link that joins nobody, by the rule that refused it. */
export type RefusalObserver = (rule: LinkRefusal['rule']) => void;

/**
 * What a leader knows of its component, and what it makes of it. The resolution is kept in memory beside the state: a
 * link that is new and comes last is decided by one union.
 */
export class Leader {
  #resolution: Resolution | undefined;
  /** The keys of pairs that the resolution does not know yet. */
  #added: string[] = [];
  #size = 0;
  readonly #places: Map<Identifier, number>;
  #text = 0;

  constructor(
    private readonly me: Identifier,
    private readonly state: ResolverState,
    private readonly rules: IdentityRules,
    private readonly observe: RefusalObserver,
    private readonly factsAMessage: number,
  ) {
    this.#places = new Map(this.#component.ids.map((z, place) => [z, place]));
    for (const key in this.#component.links) this.#count(this.#pairOf(key), 1);
  }

  /** How many links there are. */
  get size(): number {
    return this.#size;
  }

  get #component(): Component {
    return (this.state.component ??= newComponent());
  }

  /** Takes facts in: of each the highest version stays. */
  take({ facts, splits = [], edge, from, open }: Handed): void {
    const component = this.#component;
    if (edge && (!component.edge || compareAges(edge, component.edge) < 0)) this.#moveEdge(component, edge);
    for (const fact of facts) this.#takeLink(component, fact);
    for (const split of splits) this.#takeSplit(component, split);
    if (component.open.includes(from)) component.open = component.open.filter((other) => other !== from);
    if (open) component.open.push(from);
  }

  #takeLink(component: Component, fact: LinkFact): void {
    const key = this.#keyOf(fact.pair);
    const before = component.links[key];
    if (((before ?? component.beyondBound?.[key])?.[4] ?? -1) > fact.version) return;
    component.fresh[key] = 1;
    if (before?.[4] === fact.version) return;
    const { eligible, firstSeen, endsFirstSeen, version } = fact;
    const link: ComponentLink = [eligible ? 1 : 0, firstSeen, endsFirstSeen[0], endsFirstSeen[1], version];
    if (!before && component.edge && compareAges(ageOf(fact), component.edge) >= 0) {
      (component.beyondBound ??= emptyRecord())[key] = link;
      return;
    }
    if (component.beyondBound) Reflect.deleteProperty(component.beyondBound, key);
    component.links[key] = link;
    if (!before) {
      this.#count(fact.pair, 1);
      this.#added.push(key);
    } else if (!this.#isWithoutEffect(key, before, fact)) this.#resolution = undefined;
  }

  #isWithoutEffect(
    key: string,
    before: ComponentLink,
    { eligible, firstSeen, endsFirstSeen }: LinkFact,
  ): boolean {
    const isRenamed = before[2] !== endsFirstSeen[0] || before[3] !== endsFirstSeen[1];
    if (isRenamed || before[1] !== firstSeen) return false;
    if (!eligible)
      return before[0] === 0 || this.#resolution?.refused.delete(pairKey(this.#pairOf(key))) === true;
    return before[0] === 1;
  }

  #takeSplit(component: Component, split: SplitFact): void {
    const key = pairKey(split.pair);
    if ((component.splits[key]?.version ?? -1) >= split.version) return;
    component.splits[key] = split;
    this.resolveAnew('split');
  }

  /** The component is to be resolved anew, for a reason that the answers carry. */
  resolveAnew(because: 'split' | 'rules'): void {
    if (because === 'split' || !this.#component.because) this.#component.because = because;
    this.#resolution = undefined;
  }

  /** Everything that the leader knows, in parts that fit a record. It is a leader no more. */
  handUp(to: Identifier): readonly Message[] {
    const component = this.#component;
    const facts = Object.entries({ ...component.links, ...component.beyondBound }).map(([key, link]) =>
      this.#factOf(key, link),
    );
    const splits = Object.values(component.splits);
    const out: Message[] = [];
    // An edge alone is handed up, too.
    const count = Math.max(facts.length, splits.length, component.edge ? 1 : 0);
    for (let i = 0; i < count; i += this.factsAMessage) {
      const end = i + this.factsAMessage;
      const part = {
        facts: facts.slice(i, end),
        splits: splits.slice(i, end),
        ...(component.edge && { edge: component.edge }),
      };
      const open = end < count;
      out.push({ kind: 'facts', to, from: this.me, ...part, open });
    }
    delete this.state.component;
    return out;
  }

  /** Answers those whose profile changed, and the ends of the links that are new. `at` is the offset of the moment. */
  answer(at: number): readonly Answer[] {
    const component = this.#component;
    const touched = this.#resolve(component);
    const partners = partnersOf(Object.keys(component.fresh).map((key) => this.#pairOf(key)));
    const out: Answer[] = [];
    for (const to of new Set([...touched, ...partners.keys()])) {
      const group = this.#resolution?.groups.get(to);
      const first = group?.first ?? to;
      const isKnown = !this.#note(component, to, first);
      const answered = partners.get(to);
      if (isKnown && !answered) continue;
      const usual = !group ? 'beyond_bound' : group.members.length === 1 ? 'alone' : 'linked';
      const reason = isKnown ? usual : (component.because ?? usual);
      out.push({ kind: 'answer', to, leader: this.me, at, first, reason, answered: answered ?? [] });
    }
    for (const key of Object.keys(component.fresh)) {
      const refusal =
        key in component.links
          ? this.#resolution?.refused.get(pairKey(this.#pairOf(key)))?.rule
          : 'beyond_bound';
      if (refusal) this.observe(refusal);
    }
    component.fresh = emptyRecord();
    delete component.because;
    if (component.beyondBound) this.#forgetBeyondBound(component);
    return out;
  }

  /** Nobody keeps what is left out, once it is answered: neither do the places know who was on it. */
  #forgetBeyondBound(component: Component): void {
    const { ids, links, answered } = component;
    delete component.beyondBound;
    this.#places.clear();
    component.ids = [];
    component.links = emptyRecord();
    component.answered = emptyRecord();
    const idAt = (place: string | undefined) => ids[Number(place)] ?? this.me;
    for (const [key, link] of Object.entries(links)) {
      const [a, b] = key.split(' ');
      component.links[this.#keyOf([idAt(a), idAt(b)])] = link;
    }
    for (const [place, first] of Object.entries(answered))
      component.answered[this.#placeOf(idAt(place))] = first;
  }

  /** Those whose profile may be another than was last answered. */
  #resolve(component: Component): Iterable<Identifier> {
    this.#trim(component);
    const added = this.#added.map((key) => this.#factOf(key, component.links[key]));
    this.#added = [];
    const touched = this.#resolution?.append(added);
    if (touched) return touched;
    this.#resolution = this.#resolutionOf(component, this.rules);
    // Of some that were answered the last link was pushed out by earlier ones: they are alone.
    return [
      ...this.#resolution.groups.keys(),
      ...Object.keys(component.answered).map((place) => this.#idAt(place)),
    ];
  }

  /** Whether other rules would bring another result. */
  isChangedBy(rules: IdentityRules): boolean {
    const component = this.#component;
    for (const [z, { first }] of this.#resolutionOf(component, rules).groups) {
      const before = component.answered[this.#placeOf(z)];
      if (z === first ? before !== undefined : before !== digest(first)) return true;
    }
    return false;
  }

  #resolutionOf(component: Component, rules: IdentityRules): Resolution {
    const links = Object.entries(component.links).map(([key, link]) => this.#factOf(key, link));
    const apart = Object.values(component.splits).filter((split) => split.apart);
    return Resolution.of(
      links,
      rules,
      apart.map(({ pair }) => pair),
    );
  }

  /** Puts what is beyond the bounds aside. */
  #trim(component: Component): void {
    const { bounds } = this.rules;
    if (this.#size <= bounds.links && this.#text <= bounds.linkText) return;
    const keys = Object.keys(component.links);
    const { edge } = earliest(
      keys.map((key) => this.#factOf(key, component.links[key])),
      bounds,
    );
    if (edge) this.#moveEdge(component, edge);
  }

  /** Notes what is answered; says whether it is another answer than the last. */
  #note(component: Component, to: Identifier, first: Identifier): boolean {
    const place = this.#placeOf(to);
    const before = component.answered[place];
    const now = to === first ? undefined : digest(first);
    if (before === now) return false;
    if (now === undefined) Reflect.deleteProperty(component.answered, place);
    else component.answered[place] = now;
    return true;
  }

  #factOf(key: string, [eligible, firstSeen, first, second, version]: ComponentLink = NO_LINK): LinkFact {
    const pair = this.#pairOf(key);
    return { pair, eligible: eligible === 1, firstSeen, endsFirstSeen: [first, second], version };
  }

  #keyOf([a, b]: Pair): string {
    return `${this.#placeOf(a)} ${this.#placeOf(b)}`;
  }

  #pairOf(key: string): Pair {
    const space = key.indexOf(' ');
    return [this.#idAt(key.slice(0, space)), this.#idAt(key.slice(space + 1))];
  }

  #idAt(place: string): Identifier {
    return this.#component.ids[Number(place)] ?? this.me;
  }

  #placeOf(z: Identifier): number {
    const known = this.#places.get(z);
    if (known !== undefined) return known;
    const place = this.#component.ids.push(z) - 1;
    this.#places.set(z, place);
    return place;
  }

  #count(pair: Pair, by: 1 | -1): void {
    this.#size += by;
    this.#text += by * textOf(pair);
  }

  #moveEdge(component: Component, edge: AgeOrder): void {
    component.edge = edge;
    for (const [key, link] of Object.entries(component.links)) {
      const { pair, firstSeen } = this.#factOf(key, link);
      if (compareAges(ageOf({ pair, firstSeen }), edge) < 0) continue;
      Reflect.deleteProperty(component.links, key);
      this.#count(pair, -1);
      (component.beyondBound ??= emptyRecord())[key] = link;
      component.fresh[key] = 1;
    }
    this.#added = [];
    this.#resolution = undefined;
  }
}

const NO_LINK: ComponentLink = [0, Infinity, Infinity, Infinity, -1];
