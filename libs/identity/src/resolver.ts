import { compareByDigest, type Identifier } from '@tributary/kernel';
import { Leader, type RefusalObserver } from './leader.js';
import type { EndRefusal } from './eligibility.js';
import { BesideStates } from './beside-states.js';
import { pairOf } from './link.js';
import type { LinkFact, Message } from './messages.js';
import type { HeldEligibility, Partner, ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';
import type { MessageContext } from './message-context.js';
import { Eligibilities } from './eligibilities.js';

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
  /** Called for each link that joins nobody, by the rule that refused it. */
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
  readonly #eligibilities: Eligibilities;
  readonly #components = new BesideStates<Leader>();

  constructor(options: ResolverOptions) {
    this.#options = options;
    const { rulesOf, observe } = options;
    this.#eligibilities = new Eligibilities(rulesOf, (rule) => observe?.(rule));
  }

  /**
   * Takes one message in, and answers with what follows. Whatever it is, the rules at its place are in force, but for
   * the record of an eligibility on a link of its own, which says nothing new to itself.
   */
  apply(
    me: Identifier,
    state: ResolverState,
    message: Message,
    { offset, rules }: Place,
  ): readonly Message[] {
    if (message.kind === 'eligibility' && message.end === me) return [];
    const context: MessageContext = {
      me,
      state,
      offset,
      rules: this.#options.rulesOf(rules),
      out: [],
      changed: new Set(),
    };
    const isOutdated = state.rules !== rules;
    if (isOutdated) this.#adopt(context, rules);
    if (message.kind === 'met' || message.kind === 'seen')
      this.#eligibilities.meet(context, message, isOutdated);
    if (message.kind === 'eligibility') this.#hear(context, message);
    if (isOutdated) this.#eligibilities.decideAll(context);
    this.#act(context, message);
    for (const other of context.changed) this.#join(context, other);
    if (state.tooManyPartners) this.#eligibilities.forgetPartners(state);
    return context.out;
  }

  /**
   * Whether a leader has something that it has not answered yet, and knows it whole. It is to be sent
   * `resolve` some time later, so that links which arrive together are answered together. That it answers where that
   * lies in its log, and nowhere else, makes its answers the same in every replay.
   */
  hasNews(me: Identifier, { parent, component }: ResolverState): boolean {
    if (parent !== me || !component || component.open.length > 0) return false;
    for (const _key in component.fresh) return true;
    return component.because !== undefined;
  }

  /**
   * Whether the rules of this version would change what the identifier says, or what it answers as a leader. Where they
   * would not, it may adopt them with its next message.
   */
  needsReview(me: Identifier, state: ResolverState, version: number): boolean {
    if (state.rules === version) return false;
    const rules = this.#options.rulesOf(version);
    if (state.component && this.#leaderOf(me, state).isChangedBy(rules)) return true;
    return this.#eligibilities.areChangedBy(rules, me, state);
  }

  #adopt({ me, state }: MessageContext, rules: number): void {
    state.rules = rules;
    this.#eligibilities.outdate(state);
    if (state.parent !== me || !state.component) return;
    this.#components.delete(state);
    this.#leaderOf(me, state).resolveAnew('rules');
  }

  /** At the link's owner: the other end's eligibility. */
  #hear(
    { me, state, out, changed }: MessageContext,
    { end: partner, refusal, firstSeen, endFirstSeen, version }: Of<'eligibility'>,
  ): void {
    if (state.tooManyPartners) {
      out.push({ kind: 'settled', to: partner, partner: me });
      return;
    }
    const entry: Partner = (state.partners[partner] ??= {});
    if ((entry.theirs?.version ?? -1) >= version) return;
    entry.theirs = { ...(refusal && { refusal }), firstSeen, endFirstSeen, version };
    changed.add(partner);
  }

  /** Both eligibilities make the link. A link that is displaced is withdrawn. */
  #join(context: MessageContext, other: Identifier): void {
    const { me, state, offset, out } = context;
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
    this.#take(context, {
      kind: 'facts',
      to: me,
      from: me,
      facts: [factOf([me, other], both, said, theirs, offset)],
      open: false,
    });
    if (isFirst) this.#unite(context, other);
  }

  #act(context: MessageContext, message: Message): void {
    const { me, state } = context;
    switch (message.kind) {
      case 'union':
        this.#unite(context, message.other);
        break;
      case 'facts':
        this.#take(context, message);
        break;
      case 'split': {
        const { other, apart, version } = message;
        const splits = [{ pair: pairOf(me, other), apart, version }];
        this.#take(context, { kind: 'facts', to: me, from: me, facts: [], splits, open: false });
        break;
      }
      case 'resolve':
        if (this.hasNews(me, state)) context.out.push(...this.#leaderOf(me, state).answer(context.offset));
        break;
      case 'settled':
        forget(state, [message.partner]);
        break;
      case 'answer':
        follow(state, message);
        break;
      default:
    }
  }

  #unite({ me, state, out }: MessageContext, other: Identifier): void {
    const { parent } = state;
    if (parent === other) return;
    if (parent === me) {
      state.parent = other;
      if (state.component) out.push(...this.#leaderOf(me, state).handUp(other));
      this.#components.delete(state);
      return;
    }
    const [greater, smaller] = compareByDigest(parent, other) > 0 ? [parent, other] : [other, parent];
    state.parent = smaller;
    out.push({ kind: 'union', to: greater, other: smaller });
  }

  #take({ me, state, out }: MessageContext, handed: Of<'facts'>): void {
    if (state.parent === me) this.#leaderOf(me, state).take(handed);
    // The parts of a hand-over may take different ways from here on, so none of them holds anybody up any more.
    else out.push({ ...handed, to: upwards(state), open: false });
  }

  #leaderOf(me: Identifier, state: ResolverState): Leader {
    const { observe, factsAMessage = FACTS_A_MESSAGE } = this.#options;
    return this.#components.of(
      state,
      () => new Leader(me, state, this.#rulesOf(state), (rule) => observe?.(rule), factsAMessage),
    );
  }

  #rulesOf({ rules }: ResolverState): IdentityRules {
    return this.#options.rulesOf(rules);
  }
}

function factOf(
  pair: LinkFact['pair'],
  eligible: boolean,
  mine: HeldEligibility,
  theirs: HeldEligibility,
  version: number,
): LinkFact {
  const firstSeen = Math.min(mine.firstSeen, theirs.firstSeen);
  return { pair, eligible, firstSeen, endsFirstSeen: [mine.endFirstSeen, theirs.endFirstSeen], version };
}

/** Where facts go: to the leader that answered last, if that is nearer to the last one. It passes on what it gets. */
function upwards({ parent, answer }: ResolverState): Identifier {
  return answer && compareByDigest(answer.leader, parent) < 0 ? answer.leader : parent;
}

/**
 * Leaders only fall, so the smaller leader is the later one; of one leader's answers, the later offset. What a leader has
 * answered stays answered in all its later answers, in whatever order they arrive.
 */
function follow(state: ResolverState, { leader, at, first, reason, answered }: Of<'answer'>): void {
  const before = state.answer;
  if (before && compareByDigest(leader, before.leader) > 0) return;
  if (leader !== before?.leader || at > before.at) state.answer = { leader, at, first, reason };
  forget(state, answered);
}

function forget(state: ResolverState, partners: readonly Identifier[]): void {
  for (const partner of partners) {
    if (!(partner in state.pending)) continue;
    const { [partner]: _answered, ...pending } = state.pending;
    state.pending = pending;
  }
}
