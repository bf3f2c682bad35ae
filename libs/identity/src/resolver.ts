import { compareByDigest, profileIdOf, type Identifier } from '@tributary/kernel';
import { RootBook, type RefusalObserver } from './book.js';
import { EligibilityIndex } from './eligibility-index.js';
import type { EndRefusal } from './eligibility.js';
import { BesideStates } from './beside-states.js';
import { pairOf } from './link.js';
import type { LinkFact, Message } from './messages.js';
import type { Assignment, HeldVerdict, Partner, ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';

const FACTS_A_MESSAGE = 1_000;

type Of<K extends Message['kind']> = Extract<Message, { kind: K }>;

/** Where a message lies in the log of the identifier that it is addressed to, and the version of the rules there. */
export interface Place {
  readonly offset: number;
  readonly rules: number;
}

export interface ResolverOptions {
  readonly workspaceId: string;
  /** The rules of a version. */
  readonly rulesOf: (version: number) => IdentityRules;
  /** Is told of each link that joins nobody, by the rule that refused it. */
  readonly observe?: (rule: EndRefusal | Parameters<RefusalObserver>[0]) => void;
  /** Of a hand-over; 1,000 unless given. */
  readonly factsAMessage?: number;
}

/** One identifier while a message is taken in. */
interface Turn {
  readonly me: Identifier;
  readonly state: ResolverState;
  readonly offset: number;
  readonly rules: IdentityRules;
  readonly out: Message[];
  /** Other ends of links of mine of which a verdict changed. */
  readonly changed: Set<Identifier>;
}

/**
 * The state machine of one identifier. Fed with the messages of its log, with repetitions, all machines together come
 * to rest with the assignments of the batch function. Connectivity is Rem's union-find (Dijkstra, A Discipline of
 * Programming, 1976; Manne and Patwary, 2009), made asynchronous; parents only fall in the order of digests, so it
 * ends.
 */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #indexes = new BesideStates<EligibilityIndex>();
  readonly #books = new BesideStates<RootBook>();

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /**
   * Takes one message in, and answers with what follows. Whatever it is, the rules at its place are in force, but for
   * the record of a verdict on a link of its own, which says nothing new to itself.
   */
  apply(
    me: Identifier,
    state: ResolverState,
    message: Message,
    { offset, rules }: Place,
  ): readonly Message[] {
    if (message.kind === 'verdict' && message.end === me) return [];
    const turn: Turn = {
      me,
      state,
      offset,
      rules: this.#options.rulesOf(rules),
      out: [],
      changed: new Set(),
    };
    const isOutdated = state.rules !== rules;
    if (isOutdated) this.#adopt(turn, rules);
    if (message.kind === 'met' || message.kind === 'seen') this.#meet(turn, message, isOutdated);
    if (message.kind === 'verdict') this.#hear(turn, message);
    if (isOutdated) this.#judgeAll(turn);
    this.#act(turn, message);
    for (const other of turn.changed) this.#join(turn, other);
    if (state.crowded) this.#forgetPartners(state);
    return turn.out;
  }

  /** What a crowded identifier says of all of them is said, and for ever. */
  #forgetPartners(state: ResolverState): void {
    for (const _partner in state.partners) {
      state.partners = {};
      state.pending = {};
      this.#indexes.delete(state);
      return;
    }
  }

  /**
   * Whether a root has something to speak of that it has not answered yet, and knows it whole. It is to be sent
   * `resolve` some time later, so that links which arrive together are answered together. That it answers where that
   * lies in its log, and nowhere else, makes its answers the same in every replay.
   */
  hasNews(me: Identifier, { parent, book }: ResolverState): boolean {
    if (parent !== me || !book || book.open.length > 0) return false;
    for (const _key in book.fresh) return true;
    return book.because !== undefined;
  }

  /**
   * Whether the rules of this version would change what the identifier says, or what it answers as a root. Where they
   * would not, it may adopt them with its next message.
   */
  needsReview(me: Identifier, state: ResolverState, version: number): boolean {
    if (state.rules === version) return false;
    const rules = this.#options.rulesOf(version);
    if (state.book && this.#bookOf(me, state).isChangedBy(rules)) return true;
    const index = new EligibilityIndex(me, state, rules);
    for (const partner of index.partners) {
      if (index.refusalOf(partner) !== state.partners[partner]?.said?.refusal) return true;
    }
    return false;
  }

  /**
   * The identifier's assignment, where its profile or `resolvedThrough` is another than it last told the world. To be
   * called after `apply`; `offset` is the last one applied, and becomes the version.
   */
  assign(me: Identifier, state: ResolverState, offset: number): Assignment | undefined {
    const before = state.assignment;
    const unanswered = Object.values(state.pending);
    const resolvedThrough = unanswered.length === 0 ? state.through : Math.min(...unanswered) - 1;
    if (!before && !state.answer && resolvedThrough < 0) return undefined;
    const { workspaceId } = this.#options;
    const own = profileIdOf(workspaceId, me);
    const profileId = state.answer ? profileIdOf(workspaceId, state.answer.first) : own;
    const isKnown =
      profileId === (before?.profileId ?? own) && resolvedThrough <= (before?.resolvedThrough ?? -1);
    if (isKnown && (before || !state.answer)) return undefined;
    const formerly = [...new Set([...(before?.formerly ?? [own]), profileId])];
    const reason = state.answer?.reason ?? 'alone';
    state.assignment = { profileId, version: offset, reason, formerly, resolvedThrough };
    return state.assignment;
  }

  #adopt({ me, state }: Turn, rules: number): void {
    state.rules = rules;
    this.#indexes.delete(state);
    if (state.parent !== me || !state.book) return;
    this.#books.delete(state);
    this.#bookOf(me, state).resolveAnew('rules');
  }

  /** Learns that it occurred, and beside whom. */
  #meet(turn: Turn, message: Of<'met'> | Of<'seen'>, isOutdated: boolean): void {
    const { me, state } = turn;
    const isEarlier = message.firstSeen < (state.firstSeen ?? Infinity);
    state.firstSeen = Math.min(message.firstSeen, state.firstSeen ?? Infinity);
    if (message.kind === 'seen') this.#see(turn, message, isOutdated);
    if (!isEarlier || isOutdated) return;
    for (const partner of this.#indexOf(me, state).eligible) this.#say(turn, partner);
  }

  #see(turn: Turn, { partner, firstSeen, through }: Of<'seen'>, isOutdated: boolean): void {
    const { me, state } = turn;
    const known = state.partners[partner];
    if (state.crowded) {
      this.#turnAway(turn, partner, firstSeen);
      state.through = Math.max(state.through, through ?? -1);
      return;
    }
    if (through !== undefined && through > state.through) {
      if (known?.at === undefined || partner in state.pending) state.pending[partner] = through;
      state.through = through;
    }
    if (known?.at !== undefined && known.at <= firstSeen) return;
    const isNew = known?.at === undefined;
    // The index is of the state as it was.
    const index = isOutdated || !isNew ? undefined : this.#indexOf(me, state);
    state.partners[partner] = { ...known, at: firstSeen };
    const changed = index?.add(partner);
    if (changed) for (const one of changed) this.#say(turn, one);
    else {
      this.#indexes.delete(state);
      if (!isOutdated) this.#judgeAll(turn);
    }
  }

  /** One more for an identifier that has met too many: it is told so, and not kept. */
  #turnAway({ me, state, offset, out }: Turn, partner: Identifier, firstSeen: number): void {
    this.#options.observe?.('crowded');
    const [owner] = pairOf(me, partner);
    const endFirstSeen = state.firstSeen ?? firstSeen;
    const verdict = { refusal: 'crowded' as const, firstSeen, endFirstSeen, version: offset };
    out.push({ kind: 'verdict', to: owner, end: me, other: partner, ...verdict });
    if (owner === me) out.push({ kind: 'settled', to: partner, partner: me });
  }

  #judgeAll(turn: Turn): void {
    const { me, state, rules } = turn;
    const index = this.#indexOf(me, state);
    if (index.size > rules.bounds.partners) state.crowded = true;
    for (const partner of index.partners) this.#say(turn, partner);
  }

  /** Tells the link's owner of my verdict, where it is another than I last told. */
  #say({ me, state, offset, out, changed }: Turn, partner: Identifier): void {
    const entry = state.partners[partner];
    if (entry?.at === undefined) return;
    const refusal = this.#indexOf(me, state).refusalOf(partner);
    const endFirstSeen = state.firstSeen ?? entry.at;
    const { said } = entry;
    const isKnown = said?.refusal === refusal && said?.firstSeen === entry.at;
    // When the end itself was first seen matters where it joins only.
    if (said && isKnown && (refusal !== undefined || said.endFirstSeen === endFirstSeen)) return;
    if (refusal !== undefined && said?.refusal !== refusal) this.#options.observe?.(refusal);
    const verdict = { ...(refusal && { refusal }), firstSeen: entry.at, endFirstSeen };
    entry.said = { ...verdict, version: offset };
    const [owner] = pairOf(me, partner);
    // What it tells itself it knows at once, without the way through the log: the record is for others to read.
    if (owner === me) changed.add(partner);
    out.push({ kind: 'verdict', to: owner, end: me, other: partner, ...verdict, version: offset });
  }

  /** At the link's owner: the other end's verdict. */
  #hear(
    { me, state, out, changed }: Turn,
    { end: partner, refusal, firstSeen, endFirstSeen, version }: Of<'verdict'>,
  ): void {
    if (state.crowded) {
      out.push({ kind: 'settled', to: partner, partner: me });
      return;
    }
    const entry: Partner = (state.partners[partner] ??= {});
    if ((entry.theirs?.version ?? -1) >= version) return;
    entry.theirs = { ...(refusal && { refusal }), firstSeen, endFirstSeen, version };
    changed.add(partner);
  }

  /** Both verdicts make the link. A link that is displaced is withdrawn. */
  #join(turn: Turn, other: Identifier): void {
    const { me, state, offset, out } = turn;
    const entry = state.partners[other];
    if (!entry?.said || !entry.theirs) return;
    const { said, theirs } = entry;
    const both = said.refusal === undefined && theirs.refusal === undefined;
    if (!both && !entry.wasEligible) {
      forget(state, [other]);
      out.push({ kind: 'settled', to: other, partner: me });
      return;
    }
    const isFirst = !entry.wasEligible;
    entry.wasEligible = true;
    this.#take(turn, {
      kind: 'facts',
      to: me,
      from: me,
      facts: [factOf([me, other], both, said, theirs, offset)],
      open: false,
    });
    if (isFirst) this.#unite(turn, other);
  }

  #act(turn: Turn, message: Message): void {
    const { me, state } = turn;
    switch (message.kind) {
      case 'union':
        this.#unite(turn, message.other);
        break;
      case 'facts':
        this.#take(turn, message);
        break;
      case 'cut': {
        const { other, apart, version } = message;
        const cuts = [{ pair: pairOf(me, other), apart, version }];
        this.#take(turn, { kind: 'facts', to: me, from: me, facts: [], cuts, open: false });
        break;
      }
      case 'resolve':
        if (this.hasNews(me, state)) turn.out.push(...this.#bookOf(me, state).answer(turn.offset));
        break;
      case 'settled':
        forget(state, [message.partner]);
        break;
      case 'answer':
        heed(state, message);
        break;
      default:
    }
  }

  #unite({ me, state, out }: Turn, other: Identifier): void {
    const { parent } = state;
    if (parent === other) return;
    if (parent === me) {
      state.parent = other;
      if (state.book) out.push(...this.#bookOf(me, state).handUp(other));
      this.#books.delete(state);
      return;
    }
    const [greater, smaller] = compareByDigest(parent, other) > 0 ? [parent, other] : [other, parent];
    state.parent = smaller;
    out.push({ kind: 'union', to: greater, other: smaller });
  }

  #take({ me, state, out }: Turn, handed: Of<'facts'>): void {
    if (state.parent === me) this.#bookOf(me, state).take(handed);
    // The parts of a hand-over may take different ways from here on, so none of them holds anybody up any more.
    else out.push({ ...handed, to: upwards(state), open: false });
  }

  #indexOf(me: Identifier, state: ResolverState): EligibilityIndex {
    return this.#indexes.of(state, () => new EligibilityIndex(me, state, this.#rulesOf(state)));
  }

  #bookOf(me: Identifier, state: ResolverState): RootBook {
    const { observe, factsAMessage = FACTS_A_MESSAGE } = this.#options;
    return this.#books.of(
      state,
      () => new RootBook(me, state, this.#rulesOf(state), (rule) => observe?.(rule), factsAMessage),
    );
  }

  #rulesOf({ rules }: ResolverState): IdentityRules {
    return this.#options.rulesOf(rules);
  }
}

function factOf(
  pair: LinkFact['pair'],
  eligible: boolean,
  mine: HeldVerdict,
  theirs: HeldVerdict,
  version: number,
): LinkFact {
  const firstSeen = Math.min(mine.firstSeen, theirs.firstSeen);
  return { pair, eligible, firstSeen, endsFirstSeen: [mine.endFirstSeen, theirs.endFirstSeen], version };
}

/** Where facts go: to the root that answered last, if that is nearer to the last one. It passes on what it gets. */
function upwards({ parent, answer }: ResolverState): Identifier {
  return answer && compareByDigest(answer.root, parent) < 0 ? answer.root : parent;
}

/**
 * Roots only fall, so the smaller root is the later one; of one root's answers, the later offset. What a root has
 * answered stays answered in all its later answers, in whatever order they arrive.
 */
function heed(state: ResolverState, { root, at, first, reason, answered }: Of<'answer'>): void {
  const before = state.answer;
  if (before && compareByDigest(root, before.root) > 0) return;
  if (root !== before?.root || at > before.at) state.answer = { root, at, first, reason };
  forget(state, answered);
}

function forget(state: ResolverState, partners: readonly Identifier[]): void {
  for (const partner of partners) {
    if (!(partner in state.pending)) continue;
    const { [partner]: _answered, ...pending } = state.pending;
    state.pending = pending;
  }
}
