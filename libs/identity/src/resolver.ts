import { baseOf, compareByDigest, inGeneration, type Identifier } from '@tributary/kernel';
import { Leader, type RefusalObserver } from './leader.js';
import type { EndRefusal } from './eligibility.js';
import { BesideStates } from './beside-states.js';
import { pairOf } from './link.js';
import type { Eligibility, Message, Received } from './messages.js';
import { held, type Partner, type ResolverState } from './resolver-state.js';
import type { IdentityRules } from './rules.js';
import type { ChangedLink, MessageContext, Place } from './message-context.js';
import { Eligibilities } from './eligibilities.js';
import { factOf, follow, upwards } from './following.js';
import { passOn, saidTo, unconnected } from './passing.js';
import { forget, resolvedThrough } from './pending.js';
import { turn, type Turn } from './generations.js';

/** More than a component has: a hand-over is one message. */
const FACTS_A_MESSAGE = 10_000;
/** A leader of more links waits for company: to think again may cost it more than a wait. */
const AT_ONCE = 64;

type Of<K extends Message['kind']> = Extract<Received, { kind: K }>;

/** What follows from a record: messages, and what the identifier says of its own links that it did not say before. */
export interface Applied extends Pick<Turn, 'isBegun' | 'isErased'> {
  readonly out: readonly Message[];
  readonly said: readonly Eligibility[];
}

export interface ResolverOptions {
  /** The rules of a version. */
  readonly rulesOf: (version: number) => IdentityRules;
  /** Called for each link that joins nobody, by the rule that refused it. */
  readonly observe?: (rule: EndRefusal | Parameters<RefusalObserver>[0]) => void;
  /** Of a hand-over; all unless given. */
  readonly factsAMessage?: number;
}

/**
 * The state machine of one identifier. Fed with the records of its log, with repetitions, all machines together come
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
   * Takes the messages of one record in, and answers with what follows. What it has to say, it says of all of them
   * together, as of the one offset that they have; the rules at their place are in force.
   */
  apply(base: Identifier, state: ResolverState, record: readonly Received[], place: Place): Applied {
    const { offset, rules, isOver = () => false } = place;
    const turned = turn(base, state, record, place);
    const { me, messages, isAnswered, isChanged, over, isBegun, isErased } = turned;
    if (isChanged) this.#eligibilities.outdate(state);
    if (isBegun) this.#components.delete(state);
    const isOutdated = state.rules !== rules;
    const context: MessageContext = {
      me,
      state,
      offset,
      rules: this.#options.rulesOf(rules),
      isOver: (id) => over.includes(id) || isOver(id),
      passing: messages.filter((message) => message.kind === 'seen'),
      out: [...turned.out],
      said: [],
      affected: isOutdated || isChanged ? undefined : new Set(),
      changed: new Set(),
      isAnswered,
    };
    if (isOutdated) this.#adopt(context, rules);
    for (const message of messages)
      if (message.kind === 'met' || message.kind === 'seen') this.#eligibilities.meet(context, message);
    this.#eligibilities.decide(context);
    for (const seen of context.passing) for (const said of saidTo(me, seen)) this.#hear(context, said);
    const isWhole = this.#isWhole(context, messages);
    for (const message of messages) this.#act(context, message);
    this.#join(context);
    this.#tellOwners(context);
    // What is beyond the bounds is not kept until somebody asks.
    const isAsked = messages.some(({ kind }) => kind === 'resolve');
    this.#answer(context, isWhole || isAsked || state.component?.beyondBound !== undefined);
    if (state.tooManyPartners) this.#eligibilities.forgetPartners(state);
    const through = resolvedThrough(state);
    if (through >= 0 && (context.isAnswered || through === state.through)) state.resolved = through;
    const { out, said } = context;
    return { out, said, isBegun, isErased };
  }

  /**
   * Whether a leader has something that it has not answered yet, and knows it whole. It is to be sent
   * `resolve` some time later, so that links which arrive together are answered together. That it answers where that
   * lies in its log, and nowhere else, makes its answers the same in every replay.
   */
  hasNews(base: Identifier, { generation = 0, parent, component }: ResolverState): boolean {
    if (parent !== inGeneration(base, generation) || !component || component.open.length > 0) return false;
    for (const _key in component.fresh) return true;
    return component.because !== undefined;
  }

  /**
   * Whether the rules of this version would change what the identifier says, or what it answers as a leader. Where they
   * would not, it may adopt them with its next message.
   */
  needsReview(base: Identifier, state: ResolverState, version: number): boolean {
    if (state.rules === version) return false;
    const me = inGeneration(base, state.generation ?? 0);
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
  #hear({ me, state, out, changed, isOver }: MessageContext, eligibility: Eligibility): void {
    const { end: partner, refusal, version } = eligibility;
    if (isOver(partner)) return;
    if (state.tooManyPartners) {
      // Who refuses a link itself waits for nobody.
      if (refusal === undefined) out.push({ kind: 'settled', to: partner, partner: me });
      return;
    }
    const entry: Partner = (state.partners[partner] ??= {});
    if ((entry.theirs?.[2] ?? -1) >= version) return;
    entry.theirs = held(eligibility);
    changed.add(partner);
  }

  /** Both eligibilities make the link. A link that is displaced is withdrawn. */
  #join(context: MessageContext): void {
    const { me, passing, changed } = context;
    const links = new Map<Identifier, ChangedLink>();
    for (const other of changed) {
      const link = this.#linkWith(context, other);
      if (link) links.set(other, link);
    }
    for (const seen of passing) {
      const others = seen.ids.slice(0, seen.ids.indexOf(me)).filter((z) => links.get(z)?.isFirst);
      const mine = others.flatMap((z) => links.get(z)?.fact ?? []);
      for (const z of others) links.delete(z);
      const bringsMore = this.#uniteAll(context, unconnected(seen, others));
      passOn(context, seen, { mine, to: upwards(context.state), bringsMore });
    }
    const facts = [...links.values()].map(({ fact, isFirst }) => {
      if (isFirst) this.#unite(context, fact.pair[1]);
      return fact;
    });
    if (facts.length > 0) this.#take(context, { kind: 'facts', from: me, facts, open: false });
  }

  #linkWith(context: MessageContext, other: Identifier): ChangedLink | undefined {
    const { me, state, offset, out } = context;
    const entry = state.partners[other];
    if (!entry?.said || !entry.theirs) return undefined;
    const { said, theirs } = entry;
    const both = said[3] === undefined && theirs[3] === undefined;
    const isFirst = !entry.wasEligible;
    if (!both && isFirst) {
      if (forget(state, [other])) context.isAnswered = true;
      if (theirs[3] === undefined) out.push({ kind: 'settled', to: other, partner: me });
      return undefined;
    }
    entry.wasEligible = true;
    return { fact: factOf([me, other], both, said, theirs, offset), isFirst };
  }

  /** Tells the owners of links what I say of them, unless it goes along with what is passed on. */
  #tellOwners({ me, said, passing, out }: MessageContext): void {
    if (said.length === 0) return;
    const told = new Set(passing.flatMap(({ ids }) => ids));
    for (const one of said) {
      if (told.has(one.other) || compareByDigest(me, one.other) > 0) continue;
      out.push({ kind: 'eligibility', to: one.other, ...one });
    }
  }

  /** Whether a leader that has nothing else to answer hears all there is to know of somebody. */
  #isWhole({ me, state }: MessageContext, messages: readonly Received[]): boolean {
    let isAny = false;
    for (const message of messages) {
      if (message.kind !== 'facts') continue;
      if (!message.whole) return false;
      isAny = true;
    }
    if (!isAny || state.parent !== me || this.hasNews(baseOf(me), state)) return false;
    return !state.component || this.#leaderOf(me, state).size <= AT_ONCE;
  }

  #answer(context: MessageContext, isAsked: boolean): void {
    const { me, state, offset, out } = context;
    if (!isAsked || !this.hasNews(baseOf(me), state)) return;
    for (const answer of this.#leaderOf(me, state).answer(offset)) {
      // Who is moved is moved no sooner than the others, who hear of it by a message.
      if (answer.to === me && answer.first === me) follow(context, answer);
      else out.push(answer);
    }
  }

  #act(context: MessageContext, message: Received): void {
    const { me, state } = context;
    switch (message.kind) {
      case 'eligibility':
        this.#hear(context, message);
        break;
      case 'union':
        this.#unite(context, message.other);
        break;
      case 'facts':
        this.#take(context, message);
        break;
      case 'split': {
        const { other, apart, version } = message;
        const splits = [{ pair: pairOf(me, other), apart, version }];
        this.#take(context, { kind: 'facts', from: me, facts: [], splits, open: false });
        break;
      }
      case 'settled':
        if (forget(state, [message.partner])) context.isAnswered = true;
        break;
      case 'answer':
        follow(context, message);
        break;
      default:
    }
  }

  /** Answers whether it brought more along than itself. */
  #uniteAll(context: MessageContext, others: readonly Identifier[]): boolean {
    const { me, state } = context;
    let bringsMore = false;
    for (const other of others) {
      const isAlone = state.parent === me && !state.component;
      bringsMore ||= !isAlone && state.parent !== other;
      this.#unite(context, other);
    }
    return bringsMore;
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
