import { digest, type Identifier } from '@tributary/kernel';
import {
  ageOf,
  compareAges,
  earliest,
  pairKey,
  parsePairKey,
  textOf,
  type AgeOrder,
  type Pair,
} from './link.js';
import type { CutFact, LinkFact, Message } from './messages.js';
import { Resolution, type LinkRefusal } from './resolution.js';
import type { Book, BookedLink, ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';

type Handed = Extract<Message, { kind: 'facts' }>;
type Answer = Extract<Message, { kind: 'answer' }>;

/** Is told of each link that joins nobody, by the rule that refused it. */
export type RefusalObserver = (rule: LinkRefusal['rule']) => void;

/**
 * What a root knows of its component, and what it makes of it. The resolution is kept in memory beside the state: a
 * link that is new and comes last is decided by one union.
 */
export class RootBook {
  #resolution: Resolution | undefined;
  /** The keys of pairs that the resolution does not know yet. */
  #added: string[] = [];
  #size = 0;
  #text = 0;

  constructor(
    private readonly me: Identifier,
    private readonly state: ResolverState,
    private readonly rules: IdentityRules,
    private readonly observe: RefusalObserver,
    private readonly factsAMessage: number,
  ) {
    for (const key in this.#book.links) this.#count(parsePairKey(key), 1);
  }

  /** How many links there are. */
  get size(): number {
    return this.#size;
  }

  get #book(): Book {
    return (this.state.book ??= { links: {}, cuts: {}, answered: {}, fresh: {}, open: [] });
  }

  /** Takes facts in: of each the highest version stays. */
  take({ facts, cuts = [], edge, from, open }: Handed): void {
    const book = this.#book;
    if (edge && (!book.edge || compareAges(edge, book.edge) < 0)) this.#moveEdge(book, edge);
    for (const fact of facts) this.#takeLink(book, fact);
    for (const cut of cuts) this.#takeCut(book, cut);
    if (book.open.includes(from)) book.open = book.open.filter((other) => other !== from);
    if (open) book.open.push(from);
  }

  #takeLink(book: Book, fact: LinkFact): void {
    const key = pairKey(fact.pair);
    const before = book.links[key];
    if (((before ?? book.aside?.[key])?.[4] ?? -1) > fact.version) return;
    book.fresh[key] = 1;
    if (before?.[4] === fact.version) return;
    const { eligible, firstSeen, endsFirstSeen, version } = fact;
    const link: BookedLink = [eligible ? 1 : 0, firstSeen, endsFirstSeen[0], endsFirstSeen[1], version];
    if (!before && book.edge && compareAges(ageOf(fact), book.edge) >= 0) {
      (book.aside ??= {})[key] = link;
      return;
    }
    if (book.aside) Reflect.deleteProperty(book.aside, key);
    book.links[key] = link;
    if (!before) {
      this.#count(fact.pair, 1);
      this.#added.push(key);
    } else if (!this.#isWithoutEffect(key, before, fact)) this.#resolution = undefined;
  }

  #isWithoutEffect(
    key: string,
    before: BookedLink,
    { eligible, firstSeen, endsFirstSeen }: LinkFact,
  ): boolean {
    const isRenamed = before[2] !== endsFirstSeen[0] || before[3] !== endsFirstSeen[1];
    if (isRenamed || before[1] !== firstSeen) return false;
    if (!eligible) return before[0] === 0 || this.#resolution?.refused.delete(key) === true;
    return before[0] === 1;
  }

  #takeCut(book: Book, cut: CutFact): void {
    const key = pairKey(cut.pair);
    if ((book.cuts[key]?.version ?? -1) >= cut.version) return;
    book.cuts[key] = cut;
    this.resolveAnew('cut');
  }

  /** The component is to be resolved anew, for a reason that is told with the answers. */
  resolveAnew(because: 'cut' | 'rules'): void {
    if (because === 'cut' || !this.#book.because) this.#book.because = because;
    this.#resolution = undefined;
  }

  /** Everything that the root knows, in parts that fit a record. It is a root no more. */
  handUp(to: Identifier): readonly Message[] {
    const book = this.#book;
    const facts = Object.entries({ ...book.links, ...book.aside }).map(([key, link]) => factOf(key, link));
    const cuts = Object.values(book.cuts);
    const out: Message[] = [];
    // An edge is told of by itself, too.
    const count = Math.max(facts.length, cuts.length, book.edge ? 1 : 0);
    for (let i = 0; i < count; i += this.factsAMessage) {
      const end = i + this.factsAMessage;
      const part = {
        facts: facts.slice(i, end),
        cuts: cuts.slice(i, end),
        ...(book.edge && { edge: book.edge }),
      };
      const open = end < count;
      out.push({ kind: 'facts', to, from: this.me, ...part, open });
    }
    delete this.state.book;
    return out;
  }

  /** Answers those whose profile changed, and the ends of the links that are new. `at` is the offset of the moment. */
  answer(at: number): readonly Message[] {
    const book = this.#book;
    const touched = this.#resolve(book);
    const partners = partnersOf(Object.keys(book.fresh).map(parsePairKey));
    const out: Answer[] = [];
    for (const to of new Set([...touched, ...partners.keys()])) {
      const group = this.#resolution?.groups.get(to);
      const first = group?.first ?? to;
      const isKnown = !note(book, to, first);
      const answered = partners.get(to);
      if (isKnown && !answered) continue;
      const usual = !group ? 'set_aside' : group.members.length === 1 ? 'alone' : 'linked';
      const reason = isKnown ? usual : (book.because ?? usual);
      out.push({ kind: 'answer', to, root: this.me, at, first, reason, answered: answered ?? [] });
    }
    for (const key of Object.keys(book.fresh)) {
      const refusal = key in book.links ? this.#resolution?.refused.get(key)?.rule : 'set_aside';
      if (refusal) this.observe(refusal);
    }
    book.fresh = {};
    delete book.aside;
    delete book.because;
    return out;
  }

  /** Those whose profile may be another than was last answered. */
  #resolve(book: Book): Iterable<Identifier> {
    this.#trim(book);
    const added = this.#added.map((key) => factOf(key, book.links[key]));
    this.#added = [];
    const touched = this.#resolution?.append(added);
    if (touched) return touched;
    this.#resolution = this.#resolutionOf(book, this.rules);
    // Of some that were answered the last link was pushed out by earlier ones: they are alone.
    return [...this.#resolution.groups.keys(), ...(Object.keys(book.answered) as Identifier[])];
  }

  /** Whether other rules would bring another result. */
  isChangedBy(rules: IdentityRules): boolean {
    const book = this.#book;
    for (const [z, { first }] of this.#resolutionOf(book, rules).groups) {
      const before = book.answered[z];
      if (z === first ? before !== undefined : before !== digest(first)) return true;
    }
    return false;
  }

  #resolutionOf(book: Book, rules: IdentityRules): Resolution {
    const links = Object.entries(book.links).map(([key, link]) => factOf(key, link));
    const apart = Object.values(book.cuts).filter((cut) => cut.apart);
    return Resolution.of(
      links,
      rules,
      apart.map(({ pair }) => pair),
    );
  }

  /** Puts what is beyond the bounds aside. */
  #trim(book: Book): void {
    const { bounds } = this.rules;
    if (this.#size <= bounds.links && this.#text <= bounds.linkText) return;
    const keys = Object.keys(book.links);
    const { edge } = earliest(
      keys.map((key) => factOf(key, book.links[key])),
      bounds,
    );
    if (edge) this.#moveEdge(book, edge);
  }

  #count(pair: Pair, by: 1 | -1): void {
    this.#size += by;
    this.#text += by * textOf(pair);
  }

  #moveEdge(book: Book, edge: AgeOrder): void {
    book.edge = edge;
    for (const [key, link] of Object.entries(book.links)) {
      const { pair, firstSeen } = factOf(key, link);
      if (compareAges(ageOf({ pair, firstSeen }), edge) < 0) continue;
      Reflect.deleteProperty(book.links, key);
      this.#count(pair, -1);
      (book.aside ??= {})[key] = link;
      book.fresh[key] = 1;
    }
    this.#added = [];
    this.#resolution = undefined;
  }
}

function factOf(key: string, link: BookedLink = NO_LINK): LinkFact {
  const [eligible, firstSeen, first, second, version] = link;
  return {
    pair: parsePairKey(key),
    eligible: eligible === 1,
    firstSeen,
    endsFirstSeen: [first, second],
    version,
  };
}

const NO_LINK: BookedLink = [0, Infinity, Infinity, Infinity, -1];

/** Notes what is answered; says whether it is another answer than the last. */
function note(book: Book, to: Identifier, first: Identifier): boolean {
  const before = book.answered[to];
  const now = to === first ? undefined : digest(first);
  if (before === now) return false;
  if (now === undefined) Reflect.deleteProperty(book.answered, to);
  else book.answered[to] = now;
  return true;
}

function partnersOf(pairs: readonly Pair[]): ReadonlyMap<Identifier, readonly Identifier[]> {
  const partners = new Map<Identifier, Identifier[]>();
  for (const pair of pairs) {
    for (const [end, other] of [pair, [pair[1], pair[0]] as const]) {
      const own = partners.get(end);
      if (own) own.push(other);
      else partners.set(end, [other]);
    }
  }
  return partners;
}
