import { compareByDigest, type Identifier } from '@tributary/kernel';
import { RootBook, type RefusalObserver } from './book.js';
import type { EndRefusal } from './eligibility.js';
import { BesideStates } from './beside-states.js';
import { pairOf } from './link.js';
import type { LinkFact, Message } from './messages.js';
import type { HeldVerdict, Partner, ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';
import type { Turn } from './turn.js';
import { Verdicts } from './verdicts.js';

const FACTS_A_MESSAGE = 1_000;

type Of<K extends Message['kind']> = Extract<Message, { kind: K }>;

/** Where a message lies in the log of the identifier that it is addressed to, and the version of the rules there. */
export interface Place {
  readonly offset: number;
  readonly rules: number;
}

export interface ResolverOptions {
  /** The rules of a version. */
  readonly rulesOf: (version: number) => IdentityRules;
  /** Is told of each link that joins nobody, by the rule that refused it. */
  readonly observe?: (rule: EndRefusal | Parameters<RefusalObserver>[0]) => void;
  /** Of a hand-over; 1,000 unless given. */
  readonly factsAMessage?: number;
}

/**
 * The state machine of one identifier. Fed with the messages of its log, with repetitions, all machines together come
 * to rest with the assignments of the batch function. Connectivity is Rem's union-find (Dijkstra, A Discipline of
 * Programming, 1976; Manne and Patwary, 2009), made asynchronous; parents only fall in the order of digests, so it
 * ends.
 */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #verdicts: Verdicts;
  readonly #books = new BesideStates<RootBook>();

  constructor(options: ResolverOptions) {
    this.#options = options;
    const { rulesOf, observe } = options;
    this.#verdicts = new Verdicts(rulesOf, (rule) => observe?.(rule));
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
    if (message.kind === 'met' || message.kind === 'seen') this.#verdicts.meet(turn, message, isOutdated);
    if (message.kind === 'verdict') this.#hear(turn, message);
    if (isOutdated) this.#verdicts.judgeAll(turn);
    this.#act(turn, message);
    for (const other of turn.changed) this.#join(turn, other);
    if (state.crowded) this.#verdicts.forgetPartners(state);
    return turn.out;
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
    return this.#verdicts.areChangedBy(rules, me, state);
  }

  #adopt({ me, state }: Turn, rules: number): void {
    state.rules = rules;
    this.#verdicts.outdate(state);
    if (state.parent !== me || !state.book) return;
    this.#books.delete(state);
    this.#bookOf(me, state).resolveAnew('rules');
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
